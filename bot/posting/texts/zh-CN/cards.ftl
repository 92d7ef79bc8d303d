# 所有人都能看到的内容：进度卡、发布的视频、结束通知、日志。

card-draft = 📝 **等待 { $user } 回复**
card-held = 🛡️ **等待版主审核** · { $user }
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
card-failed = ❌ **没能做成** · { $user }
card-rejected = 🚫 **版主没有通过** · { $user }
card-cancelled = ⏹️ **已取消** · { $user }
card-uncertain = ❔ **不确定：供应商的答复丢失了** · { $user }

card-started = { RELATIVE($ms) }开始
card-ready = 预计完成：{ RELATIVE($ms) }
card-ended = { RELATIVE($ms) }结束
card-cancel-note = 现在取消会丢弃这个视频，并且不退还次数。

hindrance-paused = 机器人的所有者已暂停制作。你的排队位置会保留。
hindrance-provider-down = 视频供应商目前有故障。你的排队位置会保留，恢复后自动继续。
hindrance-provider-key = 视频供应商目前拒绝我访问。所有者已收到通知，你的排队位置会保留。
hindrance-provider-money = 我在视频供应商的余额已用完。所有者已收到通知，你的排队位置会保留。
hindrance-slow = 这次比平时久，但仍在制作，我会一直查看。
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
result-took = 用时 { $time }
result-ai = 由 AI 生成
result-alt =
    { $has_prompt ->
        [yes] 由 AI 生成的视频：{ $prompt }
       *[no] 由 AI 生成的视频
    }
result-elsewhere = 你请求时所在的地方已经无法访问，所以发到这里。
result-link = 文件太大，Discord 在这里放不下。请在三天内[观看或保存]({ $url })。

notice-failed = { $user } 你的视频没能做成。
notice-rejected = { $user } 版主没有通过你的视频。
notice-rejected-reason = 原因：{ $reason }
notice-cancelled =
    { $by ->
        [moderator] { $user } 版主取消了你的视频。
        [time] { $user } 你没有在 15 分钟内确认这个视频，所以我把它撤下了。
       *[self] { $user } 你的视频已取消。
    }
notice-uncertain = { $user } **不确定**你的视频是否正在制作：供应商的答复丢失了。
notice-uncertain-next = 为稳妥起见，不会自动重新提交。所有者已收到通知并会处理，你不需要做什么。在此之前它会占用一次名额，最多 24 小时。
quota-back = 不计入次数：这个名额已退还给你。
quota-kept = 这次计入你的次数。

failure-content = 供应商因内容拒绝了它。请把描述写得温和一些或换图片，再试一次。
failure-content-input = 供应商因内容拒绝了某张图片、某个片段或音频。请换一个再试。
failure-content-person = 供应商拒绝了它，因为画面里有真人。请使用没有可辨认人物的图片再试。
failure-content-trademark = 供应商因品牌或受保护的形象拒绝了它。请去掉后再试。
failure-content-result = 供应商做出了视频，但因画面内容没有交付。请把描述写得温和一些再试。
failure-media = 供应商无法读取你的某个文件。请另存为 JPEG、PNG 或 MP4 后再试。
failure-refused-media = 这些文件不行：
failure-busy = 供应商现在太忙。请过几分钟再试。
failure-money = 我在供应商的余额已用完。所有者已收到通知，请稍后再试。
failure-parameters = 供应商不接受这组设置。请换个时长、画幅或模型试试。
failure-too-long = 供应商没有按时完成，我不再等待。请再试一次，也可以把视频改短一些。
failure-result-unreachable = 视频做好了，但无法从供应商取回。请再试一次，或询问机器人的运营者。
failure-undeliverable = 视频做好了，但没有地方可以发布。请确认我可以在你请求的地方发送消息和文件，然后再试。
failure-unseen = 我没能告诉你请求已收到：没有可以发布进度的地方。没有产生任何费用。请确认我在你提问的频道里可以发消息，然后再试一次。
failure-unknown = 供应商没有给出我能看懂的原因。再试一次通常有用；不行的话，请稍微改一下提示词或图片。

place-direct = 私信
log-uncertain = ❔ { $user } 的视频 { $id } 状态**不确定**：供应商的答复丢失了。不会自动重新提交。请用 { COMMAND("owner uncertain") } 处理。
log-undeliverable = 📭 { $user } 的视频 { $id } 已做好，但哪里都无法送达，最后尝试的地方：{ $place }。
log-unverified = ❔ 无法确认 { $user } 的视频 { $id } 是否已发出，因为我不能阅读那里的消息历史：{ $place }。不会再发第二次。
log-not-hidden = ⚠️ { $user } 的视频 { $id } 被举报，但尚未隐藏：Discord 拒绝修改那条消息。我会继续尝试。要立即撤下，请在审核卡片上选择 **拒绝**，或使用 **更多** 里的 **删除**。
alarm-provider-down = ⚠️ 视频供应商已持续故障一段时间。新请求会排队等待，恢复后自动继续。
alarm-provider-key = ⚠️ 视频供应商拒绝了 API 密钥。所有请求都已保留。请检查 `SEEDANCE_API_KEY`，然后重启我。
alarm-provider-money = ⚠️ 视频供应商的余额已用完。新请求会排队等待，充值后自动继续。
