# 版主的决定：审核卡、表单、列表、日志，以及成员看到的相关内容。

review-open-prompt = 🛡️ **可以制作吗？** { $user } { RELATIVE($ms) }在 { $place } 请求
review-open-result = 🛡️ **可以发布吗？** { $user } { RELATIVE($ms) }在 { $place } 请求
review-open-report = 🚩 **被举报：可以保留吗？** 来自 { $user }，{ RELATIVE($ms) }在 { $place } 请求
review-decided-approved-prompt = ✅ { $by } 于 { MOMENT($ms) } **通过**：正在制作
review-decided-approved-result = ✅ { $by } 于 { MOMENT($ms) } **通过**：正在发布
review-decided-approved-report = ✅ { $by } 于 { MOMENT($ms) } 决定**保留**
review-decided-spoiler-prompt = ✅ { $by } 于 { MOMENT($ms) } **以剧透方式通过**：正在制作
review-decided-spoiler-result = ✅ { $by } 于 { MOMENT($ms) } **以剧透方式通过**：正在发布
review-decided-spoiler-report = ✅ { $by } 于 { MOMENT($ms) } 决定**以剧透方式保留**
review-decided-rejected-prompt = 🚫 { $by } 于 { MOMENT($ms) } **拒绝**
review-decided-rejected-result = 🚫 { $by } 于 { MOMENT($ms) } **拒绝**：不会发布
review-decided-rejected-report = 🚫 { $by } 于 { MOMENT($ms) } **下架**
review-late-prompt = ⌛ **已拒绝：没有人按时决定** { MOMENT($ms) }
review-late-result = ⌛ **已拒绝：没有人按时决定** { MOMENT($ms) }
review-late-report = ⌛ **已下架：没有人按时决定** { MOMENT($ms) }
review-left-report = ⌛ **保持原样：没有人按时决定** { MOMENT($ms) }
review-withdrawn = ⏹️ **已无需决定** { MOMENT($ms) }

review-requester = { $user } 在 { $place } 请求
review-why = **为什么在这里：** { $reasons }
review-why-mode = 已开启审核
review-why-first = 属于这位成员最初的几个
review-why-younger = 账号或成员身份还很新
review-why-links = 含有链接
review-why-words = 含有词表中的词
review-why-reported = 这位成员有视频被举报
review-why-blocked = 请求之后被封禁
review-standing = **到目前为止：** 已发布 { $posted } 个视频，被拒绝 { $rejected } 个，{ $blocked ->
        [0] 从未被封禁
       *[other] 被封禁 { $blocked } 次
    }
review-inputs = **会一并发给供应商：**
review-input-shown = { $what } { $name }
review-input-linked = { $what } { $name }，从链接取得
review-input-unseen = { $what } { $name }：**看不到**，这里没有人能查看
review-input-heavy = { $what } { $name }：**看不到**，太大而无法附上
review-frames = 由许多小格组成的图片按先后顺序显示视频的画面。
review-no-video = **视频无法在这里显示。** { $url ->
        [none] 对 Discord 来说太大了。
       *[other] [在供应商处观看]({ $url })
    }
review-prompt-attached = 完整的提示词作为文本附上。
review-reports = **被 { $count } 位成员举报：**
review-more = ……还有 { $count } 个
review-posted = [已发布的视频]({ $url })
review-ends = 如果没有人决定，{ RELATIVE($ms) }会被拒绝。
review-ends-report = 如果没有人决定，{ RELATIVE($ms) }保持原样；已隐藏的继续隐藏。
review-reason = 原因：{ $reason }
review-note = 备注：{ $note }

review-alt-video = 等待决定的视频
review-alt-frames = 缩略图：视频画面，按先后顺序
review-alt-input = 请求的第 { $number } 个参考素材
review-alt-preview = 请求的第 { $number } 个参考素材（已缩小）
review-alt-clip = 缩略图：第 { $number } 个参考素材（片段）的画面，按先后顺序
review-alt-inputs = 缩略图：请求的全部图片

button-approve = 通过
button-spoiler = 以剧透方式通过
button-reject = 拒绝
button-report = 举报
button-delete = 删除

form-reject = 拒绝这个请求
form-reason = 原因
form-note = 备注
form-note-help = 会告诉成员；如果原因已经足够清楚，可以留空
form-report = 举报这个视频
form-report-help = 有什么问题？只有版主会看到

reason-rules = 违反本服务器的规则
reason-adult = 色情内容
reason-violence = 暴力或残忍内容
reason-person = 可能未同意的真实人物
reason-brand = 品牌或他人的作品
reason-spam = 垃圾内容
reason-other = 其他原因
reason-timeout = 没有版主按时查看

review-done-approve-prompt = **已通过。** 现在提交给供应商，做好后发布。
review-done-approve-result = **已通过。** 正在发布。
review-done-approve-report = **予以保留。** 如果之前被隐藏，现在会重新显示。
review-done-spoiler-prompt = **已以剧透方式通过。** 现在提交给供应商，做好后以剧透方式发布。
review-done-spoiler-result = **已以剧透方式通过。** 正在以剧透方式发布。
review-done-spoiler-report = **予以保留，以剧透方式显示。**
review-done-reject-prompt = **已拒绝。** 会告诉成员原因，名额退还。
review-done-reject-result = **已拒绝。** 不会发布，会告诉成员原因。
review-done-reject-report = **已下架。** 会告诉成员原因。
report-done = **谢谢，举报已收到。** 版主会查看。其他人不会知道是谁举报的。
delete-sure = 要永久下架 { $id } 吗？消息和保存在这里的文件都会删除。
delete-done = { $id } 已下架。

queue-title = 等待版主
queue-empty = 没有等待处理的内容。
queue-item = { $stage ->
    [prompt] 🛡️ 可以制作吗？
    [result] 🛡️ 可以发布吗？
   *[report] 🚩 被举报
} { $user } { RELATIVE($ms) }
queue-card = [打开卡片]({ $url })
queue-no-card = 卡片还没有发出
queue-total = 共 { $count } 个在等待。

history-title = 决定记录
history-empty = 这里没有关于它的任何决定。
history-by = 由 { $by }
history-by-itself = 自动
decision-approved = ✅ 通过
decision-approved-spoiler = ✅ 以剧透方式通过
decision-rejected = 🚫 拒绝
decision-timed-out = ⌛ 没有人按时决定
decision-kept = ✅ 被举报，予以保留
decision-kept-spoiler = ✅ 被举报，以剧透方式保留
decision-taken-down = 🚫 被举报，已下架
decision-reported = 🚩 被举报
decision-hidden = 🙈 举报过多而隐藏
decision-deleted = 🗑️ 删除
decision-film-deleted = 🗑️ 删除影片
decision-cancelled = ⏹️ 取消
decision-blocked = ⛔ 封禁
decision-unblocked = 🔓 解除封禁
decision-word-added = 📝 添加词语
decision-word-removed = 📝 移除词语

blocked-done = { $user } 不能再在这里请求视频。正在制作的会进入审核。
blocked-until = { $user } 在 { MOMENT($ms) } 之前不能在这里请求视频。正在制作的会进入审核。
unblocked-done = { $user } 又可以在这里请求视频了。
words-title = 需要版主查看的词语
words-empty = 词表是空的。
words-added = { $word } 已加入词表。
words-removed = { $word } 已从词表移除。

review-reminder = ⏰ { $role } { $user } 的视频 { $id } 仍在等待决定；{ RELATIVE($ms) }会被拒绝。{ $url }
log-review-unreachable = ⚠️ 我无法在审核频道 { $place } 发消息，所以没有人能在那里决定。请给我查看频道、发送消息、附加文件和阅读消息历史的权限，或用 { COMMAND("videoadmin settings") } 设置另一个频道。在此之前，不接受任何需要版主查看的请求。
log-decision-approved = ✅ { $by } 通过了 { $user } 的 { $id }。
log-decision-approved-spoiler = ✅ { $by } 以剧透方式通过了 { $user } 的 { $id }。
log-decision-rejected = 🚫 { $by } 拒绝了 { $user } 的 { $id }。{ $reason } { $note }
log-decision-timed-out = ⌛ 没有人按时对 { $user } 的 { $id } 作出决定。
log-decision-kept = ✅ { $by } 保留了 { $user } 被举报的 { $id }。
log-decision-kept-spoiler = ✅ { $by } 以剧透方式保留了 { $user } 被举报的 { $id }。
log-decision-taken-down = 🚫 { $by } 下架了 { $user } 被举报的 { $id }。{ $reason } { $note }
log-decision-reported = 🚩 { $user } 的 { $id } 被举报。{ $reason }
log-decision-deleted = 🗑️ { $by } 删除了 { $user } 的 { $id }。
log-decision-film-deleted = 🗑️ { $by } 删除了 { $user } 以 { $id } 结尾的影片。
log-decision-cancelled = ⏹️ { $by } 取消了 { $user } 的 { $id }。
log-decision-blocked = ⛔ { $by } 封禁了 { $user }。{ $reason }
log-decision-unblocked = 🔓 { $by } 解除了 { $user } 的封禁。{ $reason }
log-decision-word-added = 📝 { $by } 向词表添加了一个词。
log-decision-word-removed = 📝 { $by } 从词表移除了一个词。

notice-taken-down = { $user } 版主下架了你的视频。
notice-rejected-late = { $user } 你的视频没有通过：没有版主按时查看。
notice-note = 版主补充：{ $note }
notice-more = { COMMAND("video show") } 会只向你显示其余内容。
show-rejected = 原因：{ $reason }

refused-blocked =
    { $frees_ms ->
        [0] 版主禁止你在本服务器请求视频。如果你认为有误，请询问版主。
       *[other] 在 { MOMENT($frees_ms) } 之前，版主禁止你在本服务器请求视频。如果你认为有误，请询问版主。
    }
refused-no-review-channel =
    { $is_set ->
        [0] 这个请求需要版主先看，但本服务器还没有审核频道。请让服务器管理者用 { COMMAND("videoadmin settings") } 设置 `review_channel`。
       *[other] 这个请求需要版主先看，但我目前无法在本服务器的审核频道发消息。请让服务器管理者给我权限，或用 { COMMAND("videoadmin settings") } 设置另一个频道。
    }
refused-no-review = 这里没有可决定的内容：本服务器没有这个审核。{ COMMAND("videomod queue") } 会列出等待中的。
refused-own-review = 这是你自己的请求，需要由另一位版主决定。
refused-decided =
    { $state ->
        [approved] { $by } 抢先一步：{ RELATIVE($decided_ms) }已通过。
        [spoiler] { $by } 抢先一步：{ RELATIVE($decided_ms) }已以剧透方式通过。
       *[rejected] { $by } 抢先一步：{ RELATIVE($decided_ms) }已拒绝。
    }
refused-review-late = 在有人决定之前，时间已于 { RELATIVE($decided_ms) }到期。
refused-review-over = 已无需决定：{ $id } 已经以其他方式结束。
refused-not-a-video = 那不是我在本服务器发布的视频。只能举报或删除我发布的视频。
refused-report-own = 这是你自己的视频。你可以删除它：先点 **More**，再点 **Delete**。
refused-reported-already = 你已经举报过这个视频，版主已经知道了。
refused-block-self = 你不能封禁自己。
refused-not-blocked = { $user } 在这里没有被封禁。
refused-word-empty = 词语至少要有一个字母或数字。
refused-word-there = { $word } 已经在词表中，也许写法不同。
refused-word-missing = { $word } 不在词表中。{ COMMAND("videomod words") } 会列出词表。
refused-words-full = 词表已满：最多 { $limit } 个词。
failure-changed = 你链接中的文件已经不是版主看过的那个。请重新请求，最好直接附上文件。
