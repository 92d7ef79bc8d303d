# 多镜头短片：多个镜头，每个镜头从上一个的结尾开始，最后合成一部影片。

command-video-series = 多镜头
    .description = 2 至 6 个前后相接的镜头，合成一部影片

form-title-series = 制作多镜头短片
form-title-retry-shot = 重新制作第 { $number } 个镜头
form-shots = 镜头
form-shots-help = 2 至 6 个镜头，每行一个。每个镜头从上一个的结尾开始。
form-series-files = 用于第一个镜头：图片、视频片段或音频，按你想要的顺序。可不填。
form-series-files-kept = 用于第一个镜头。你之前附上的 { $count } 个文件会保留，除非你添加其他文件。
form-series-duration-help = 每个镜头的时长。

button-retry-shot = 重试镜头
button-finish-series = 用现有镜头完成


draft-series =
    { $priced ->
        [yes] **{ $count } 个镜头合成一部 { $seconds } 秒的影片，共 { $price }。**
       *[no] **{ $count } 个镜头合成一部 { $seconds } 秒的影片。**
    }按下**确认**开始制作。在此之前不会制作，也不占用额度。
draft-risen-series = **{ $count } 个镜头现在共需 { $price }：**有视频片段比预计的长。仍要制作请按**确认**。
series-counts = 计为 { $count } 个视频。
shots-attached = 全部镜头的完整文字见文件。
taken-series = **你的多镜头短片已提交！**{ $count } 个镜头的影片做好后，我会在这里 @你。

card-series-running = 🎞️ **正在制作第 { $number } 个镜头，共 { $count } 个** · { $user }
card-series-joining = 🎞️ **镜头都做好了，正在合成影片** · { $user }
card-series-stopped = ⏸️ **第 { $number } 个镜头（共 { $count } 个）制作失败** · { $user }
card-series-uncertain = ❔ **第 { $number } 个镜头（共 { $count } 个）状态不确定：没有收到供应商的答复** · { $user }
card-series-held = 🛡️ **第 { $number } 个镜头（共 { $count } 个）等待版主审核** · { $user }
shot-waiting = { $number }. ⏳ { $prompt }
shot-working =
    { $progress ->
        [0] { $number }. 🎬 { $prompt }
       *[other] { $number }. 🎬 { $progress }% · { $prompt }
    }
shot-made = { $number }. ✅ { $prompt }
shot-failed = { $number }. ❌ { $prompt }
shot-held = { $number }. 🛡️ { $prompt }
shot-uncertain = { $number }. ❔ { $prompt }
shot-left-out = { $number }. ⏹️ { $prompt }
series-next-retry = **重试镜头**会重新制作它，也可以改一改文字。
series-next-finish = **用现有镜头完成**会把做好的镜头合成影片，其余的不占用额度。
series-next-uncertain = 机器人所有者已收到通知并会处理。在此之前不能重新制作这个镜头。
series-until = 否则我会在{ RELATIVE($ms) }这样做。
series-until-nothing = 否则它会在{ RELATIVE($ms) }结束。
shot-rejected =
    { $told ->
        [yes] 版主没有通过它：{ $reason }
       *[no] 版主没有通过它。
    }
shot-rejected-late = 没有版主及时审核它。
length-each = 每个 { $seconds } 秒
series-of = 多镜头短片，共 { $count } 个镜头

failure-series-ended = 有镜头没能做出来，24 小时内也没有人选择如何继续。还没有做好的镜头，所以没有影片。
notice-series-stopped = { $user } 你的多镜头短片的第 { $number } 个镜头（共 { $count } 个）没能做出来，请你决定如何继续。
notice-series-rejected = { $user } 你的多镜头短片的第 { $number } 个镜头（共 { $count } 个）没有通过审核，请你决定如何继续。
notice-series-uncertain = { $user } 你的多镜头短片的第 { $number } 个镜头（共 { $count } 个）是否正在制作，目前**状态不确定**：没有收到供应商的答复。
notice-series-card = 按钮在多镜头短片的进度卡片下方：{ $url }
notice-series-late = { $user } 你的多镜头短片已等待 24 小时，正在合成现有的 { $count } 个镜头。其余镜头不占用额度。

series-strip-alt = 目前做好的镜头，每个镜头一帧画面
series-retrying = **正在重新制作第 { $number } 个镜头。**之后会继续后面的镜头。
series-retry-held = **第 { $number } 个镜头已送审。**版主会先看一下。
series-finishing = **正在合成现有的 { $count } 个镜头。**其余镜头不占用额度。
series-cancelled-running = { $id } 已取消。已制作或正在制作的镜头仍占用额度，其余的不占用。

show-shots = 镜头
shot-done = 已做好
shot-turn = 等待轮到
show-shot = { $number } · { $state }

refused-series-over = 这部多镜头短片已经结束。用 { COMMAND("video list") } 查看你的视频。
refused-series-goes = 这部多镜头短片正在自动进行，没有需要重新制作或提前完成的。用 { COMMAND("video show") } 查看进度。
refused-series-uncertain = 还不确定第 { $shot } 个镜头是否正在制作。机器人所有者处理之后才能重新制作。
refused-series-nothing = 还没有做好的镜头，无法合成影片。**取消**可以结束它，没有制作的部分不占用额度。
refused-series-again = 这部影片由多个镜头组成。请再按一次**编辑**来修改，或点**续拍**从它的最后一帧继续。

rule-series-shots = { $field }：多镜头短片需要 { $allowed } 个镜头，每行一个，现在是 { $value } 个。只做一个视频请用 { COMMAND("video create") }。
rule-series-no-frame = { $field }：{ $model } 不能从另一个视频的最后一帧开始，而多镜头短片需要这样。可选 { $allowed }。
rule-series-cast = { $field }：{ $value } 这样的角色名只能用在第一个镜头，因为使用首帧时没有模型接受它们。画面会保持人物一致，这里请用文字描述。
