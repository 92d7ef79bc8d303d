# 所有人都能看到的内容：进度卡、发布的视频、结束通知、日志。

card-draft = 📝 **等待确认** · { $user }
card-held = 🛡️ **等待版主审核** · { $user }
card-auditing = 🔎 **供应商正在审核你的文件** · { $user }
card-queued =
    { $place ->
        [next] ⏳ **排队中：下一个** · { $user }
        [soon] ⏳ **排队中：很快轮到** · { $user }
        [later] ⏳ **排队中：还要等一会儿** · { $user }
       *[other] ⏳ **排队中** · { $user }
    }
card-submitting = 🚀 **正在开始** · { $user }
card-running =
    { $progress ->
        [0] 🎬 **正在制作视频** · { $user }
       *[other] 🎬 **正在制作视频：{ $progress }%** · { $user }
    }
card-rendered = 📦 **做好了，正在发布** · { $user }
card-reviewing = 🛡️ **做好了，等待版主审核** · { $user }
card-posted = ✅ **已发布** · { $user }
card-failed = ❌ **制作失败** · { $user }
card-rejected = 🚫 **版主已拒绝** · { $user }
card-cancelled = ⏹️ **已取消** · { $user }
card-uncertain = ❔ **状态不确定：没有收到供应商的答复** · { $user }

variation = 第 { $number } 个，共 { $count } 个

card-started = { RELATIVE($ms) }开始
card-ready = 预计完成：{ RELATIVE($ms) }
card-overdue = 比预计时间长
card-ended = { RELATIVE($ms) }结束
card-cancel-note = 现在取消的话，视频会作废，额度不退还。

hindrance-paused = 机器人所有者已暂停制作。你的排队位置会保留。
hindrance-provider-down = 视频供应商目前有故障。你的排队位置会保留，恢复后自动继续。
hindrance-provider-key = 目前无法访问视频供应商。机器人所有者已收到通知，你的排队位置会保留。
hindrance-provider-money = 视频供应商的余额已用完。机器人所有者已收到通知，你的排队位置会保留。
hindrance-slow = 这次比平时久，但仍在制作中，我会持续关注。
hindrance-other = 目前进展较慢。你的排队位置会保留。

length = { $seconds } 秒
took =
    { $hours ->
        [0] { $minutes ->
            [0] { $seconds } 秒
           *[other] { $minutes } 分 { $seconds } 秒
        }
       *[other] { $hours } 小时 { $minutes } 分
    }

result-ready = { $user } 你的视频做好了！
result-took = 制作用时 { $time }
result-ai = 由 AI 生成
result-alt =
    { $has_prompt ->
        [yes] 由 AI 生成的视频：{ $prompt }
       *[no] 由 AI 生成的视频
    }
result-elsewhere = 你提交请求的地方已无法访问，所以发到这里。
from-server = 来自服务器 { $server }
result-link = 文件太大，无法在这里上传到 Discord。请在三天内[观看或保存]({ $url })。

notice-failed = { $user } 你的视频制作失败了。
notice-rejected = { $user } 版主拒绝了你的视频。
notice-rejected-reason = 原因：{ $reason }
notice-cancelled =
    { $by ->
        [moderator] { $user } 版主取消了你的视频。
        [time] { $user } 你没有在 15 分钟内确认这个视频，已自动取消。
       *[self] { $user } 你的视频已取消。
    }
notice-restored = { $user } **不确定**你的视频后来怎样了：机器人的记录不得不从较早的副本恢复。
notice-restored-next = 它可能已经制作并发布。为稳妥起见，不会自动重新提交。机器人所有者已收到通知并会处理，你不需要做什么。在此之前它会占用额度，最多 24 小时。
notice-uncertain = { $user } **不确定**你的视频是否正在制作：没有收到供应商的答复。
notice-uncertain-next = 为稳妥起见，不会自动重新提交。机器人所有者已收到通知并会处理，你不需要做什么。在此之前它会占用额度，最多 24 小时。
notice-kept = { $user } 你的视频做好了，但 Discord 拒收带有它的消息。
notice-unverified = { $user } 你的视频做好了，但我无法确认带有它的消息是否送达。
notice-unverified-next = 我不会重复发送。如果没有看到，可以用 { COMMAND("video show") } 查看我保留的内容。
notice-kept-next = 我会继续尝试发送。在此之前，可以用 { COMMAND("video show") } 获取链接。
quota-back = 不占用额度，你可以再制作一个。
quota-kept = 这次仍占用你的额度。

failure-content = 供应商因内容拒绝了这个请求。请把描述写得温和一些，或更换图片，然后再试。
failure-content-input = 供应商因内容拒绝了某个图片、视频片段或音频。请更换后再试。
failure-content-person = 供应商拒绝了这个请求，因为画面里有真人。请换成没有可辨认人物的图片再试。
failure-content-trademark = 供应商因涉及品牌或受保护的形象拒绝了这个请求。请去掉相关内容后再试。
failure-content-result = 视频已做好，但供应商因画面内容没有交付。请把描述写得温和一些再试。
failure-media = 供应商无法读取你的某个文件。请另存为 JPEG、PNG 或 MP4 后再试。
failure-assets-refused = 供应商审核了你的文件，以下文件没有通过。没有产生费用：
failure-audit-not-taken = 供应商没有接收你的文件进行审核。没有产生费用，请过几分钟再试。
failure-audit-too-long = 供应商审核文件的时间太长，我已停止等待。没有产生费用，请稍后再试，或换一个模型：{ COMMAND("video models") }。
failure-refused-media = 这些文件无法使用：
failure-busy = 供应商目前太忙。请过几分钟再试。
failure-money = 供应商的余额已用完。机器人所有者已收到通知，请稍后再试。
failure-parameters = 供应商不支持这组设置。请换个时长、画幅或模型试试。
failure-too-long = 供应商没有按时完成，已停止等待。请再试一次，也可以把视频改短一些。
failure-result-unreachable = 视频做好了，但无法从供应商下载。请再试一次，或联系机器人所有者。
failure-result-damaged = 视频做好了，但供应商给的文件无法播放，反复下载也一样。请再试一次，或联系机器人所有者。
failure-undeliverable = 视频做好了，但没有地方可以发布。请确认我可以在你提交请求的频道里发送消息和文件，然后再试。
failure-unseen = 没有地方可以显示进度，所以没有开始制作，也没有产生任何费用。请确认我可以在你提交请求的频道里发送消息，然后再试。
failure-blocked = 还没轮到它，你就在这里被封禁了，所以没有制作，不占用额度。
failure-channel-closed = 那个频道已不再允许制作视频，所以没有制作，不占用额度。请换个频道再试。
failure-flagged = 你提供的文件需要版主先看一下，但本服务器没有我能使用的审核频道，所以没有制作。请换一张图片，或让服务器管理员设置审核频道。
failure-flagged-result = 做好的视频需要版主先看一下才能发布，但本服务器没有我能使用的审核频道，所以没有发布。请换一个提示词，或让服务器管理员设置审核频道。
failure-model-closed = 这个服务器已不再允许使用该模型，所以没有制作，不占用额度。请换个模型：{ COMMAND("video models") }。
failure-not-served = 我已不再为那个服务器制作视频，所以没有制作，不占用额度。
failure-unknown = 供应商没有给出明确的原因。再试一次通常有用；如果还不行，请稍微改一下提示词或图片。

place-direct = 私信
log-restored = ❔ 机器人的数据库已从副本恢复。本服务器有 { $count } 个视频状态**不确定**，等待机器人所有者处理。
owner-restored =
    { $count ->
        [0] ✅ 数据库已从副本恢复，其中没有等待提交的视频。
       *[other] ❔ 数据库已从副本恢复。其中 { $count } 个等待中的视频可能此后已提交：它们状态**不确定**，不会自动付费。请用 { COMMAND("owner uncertain") } 处理。
    }
log-uncertain = ❔ 状态**不确定** · { $id } · { $user } · 没有收到供应商的答复，不会自动重新提交。请用 { COMMAND("owner uncertain") } 处理。
log-undeliverable = 📭 **已做好，但无法送达** · { $id } · { $user } · 最后尝试：{ $place }
log-unverified = ❔ **可能未送达** · { $id } · { $user } · { $place } · 我无法阅读那里的消息历史记录，所以不能确认是否已发出。不会再发第二次。
log-not-hidden = ⚠️ **已被举报但尚未隐藏** · { $id } · { $user } · Discord 拒绝修改那条消息，我会继续尝试。如需立即下架，请按下审核卡片上的**拒绝**，或「更多」里的**删除**。
alarm-provider-down = ⚠️ 视频供应商已持续故障一段时间。新请求会排队等待，恢复后自动继续。
alarm-provider-key = ⚠️ 视频供应商拒绝了 API 密钥。所有请求都已保留。请检查 `SEEDANCE_API_KEY`，然后重启我。
alarm-provider-money = ⚠️ 视频供应商的余额已用完。新请求会排队等待，充值后自动继续。
alarm-prices-changed = ⚠️ 供应商的价目表有变动：
    { $lines }
    新价格从现在起生效；已提交的请求保持原来的价格。`MODELS_FILE` 中的价格始终由你决定。
alarm-prices-gone = ⚠️ 供应商的价目表中已没有以下条目（附最后的价格）：
    { $lines }
    这些模型可能已停止提供。最后的价格继续有效。可以在 `MODELS_FILE` 中填写你自己的价格，或在服务器中停用该模型。
