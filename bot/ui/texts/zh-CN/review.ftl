# 版主的决定：审核卡、表单、列表、日志，以及成员看到的相关内容。

review-open-prompt = 🛡️ **可以制作吗？**{ $user } { RELATIVE($ms) }在 { $place } 提交
review-open-result = 🛡️ **可以发布吗？**{ $user } { RELATIVE($ms) }在 { $place } 提交
review-open-report = 🚩 **被举报：可以保留吗？**{ $user } { RELATIVE($ms) }在 { $place } 提交
review-decided-approved-prompt = ✅ **已通过** · { $by } · { MOMENT($ms) } · 正在制作
review-decided-approved-result = ✅ **已通过** · { $by } · { MOMENT($ms) } · 正在发布
review-decided-approved-report = ✅ **已保留** · { $by } · { MOMENT($ms) }
review-decided-spoiler-prompt = ✅ **已以剧透方式通过** · { $by } · { MOMENT($ms) } · 正在制作
review-decided-spoiler-result = ✅ **已以剧透方式通过** · { $by } · { MOMENT($ms) } · 正在发布
review-decided-spoiler-report = ✅ **已以剧透方式保留** · { $by } · { MOMENT($ms) }
review-decided-rejected-prompt = 🚫 **已拒绝** · { $by } · { MOMENT($ms) }
review-decided-rejected-result = 🚫 **已拒绝** · { $by } · { MOMENT($ms) } · 不会发布
review-decided-rejected-report = 🚫 **已下架** · { $by } · { MOMENT($ms) }
review-late-prompt = ⌛ **已拒绝：没有人按时审核** · { MOMENT($ms) }
review-late-result = ⌛ **已拒绝：没有人按时审核** · { MOMENT($ms) }
review-late-report = ⌛ **已下架：没有人按时处理** · { MOMENT($ms) }
review-left-report = ⌛ **保持原样：没有人按时处理** · { MOMENT($ms) }
review-withdrawn = ⏹️ **已无需处理** · { MOMENT($ms) }

review-requester = { $user } 在 { $place } 提交
review-why = **审核原因：**{ $reasons }
review-why-mode = 已开启审核
review-why-first = 这位成员最初的几个请求之一
review-why-younger = 新账号或新成员
review-why-links = 含有链接
review-why-words = 含有词表中的词
review-why-reported = 这位成员有其他视频被举报
review-why-rejections = 这位成员最近多次被拒绝
review-why-blocked = 提交之后被封禁
review-why-flagged = 安全检查标记了它
review-why-unchecked = 安全检查没有回应
review-flagged = 🔎 **安全检查看到：** { $findings }
review-finding =
    { $where ->
        [result] { $label } { $score }%，第 { $second } 秒
        [clip] { $label } { $score }%，素材 { $number } 第 { $second } 秒
       *[picture] { $label } { $score }%，素材 { $number }
    }
review-standing = **这位成员至今：**已发布 { $posted } 个视频，被拒绝 { $rejected } 个，{ $blocked ->
        [0] 从未被封禁
       *[other] 被封禁 { $blocked } 次
    }
review-inputs = **会一并发送给供应商：**
review-input-shown = { $what } { $name }
review-input-linked = { $what } { $name }，来自链接
review-input-unseen = { $what } { $name }：**无法查看**
review-input-heavy = { $what } { $name }：**无法查看**，文件太大，无法附上
review-frames = 缩略图按先后顺序显示视频画面。
review-no-video = **视频无法在这里显示。**{ $url ->
        [none] 文件太大，无法上传到 Discord。
       *[other] [在供应商处观看]({ $url })
    }
review-prompt-attached = 完整的提示词见附带的文本文件。
review-reports = **被 { $count } 位成员举报：**
review-more = ……还有 { $count } 个
review-posted = [已发布的视频]({ $url })
review-ends = 如果没有人审核，将在 { RELATIVE($ms) }自动拒绝。
review-ends-report = 如果没有人处理，将在 { RELATIVE($ms) }自动结束：已隐藏的视频继续隐藏，其他的保持原样。
review-reason = 原因：{ $reason }
review-note = 备注：{ $note }

review-alt-video = 等待审核的视频
review-alt-flagged = 安全检查标记的画面
review-alt-frames = 缩略图：视频画面，按先后顺序
review-alt-input = 请求的第 { $number } 个参考素材
review-alt-preview = 请求的第 { $number } 个参考素材（已缩小）
review-alt-clip = 缩略图：第 { $number } 个参考素材（视频片段）的画面，按先后顺序
review-alt-inputs = 缩略图：请求的全部图片

button-approve = 通过
button-spoiler = 以剧透方式通过
button-reject = 拒绝
button-report = 举报
button-delete = 删除

form-reject = 拒绝这个请求
form-reason = 原因
form-note = 备注
form-note-help = 成员会看到备注；如果原因已经足够清楚，可以留空。
form-report = 举报这个视频
form-report-help = 有什么问题？只有版主会看到。

reason-rules = 违反本服务器的规则
reason-adult = 色情内容
reason-violence = 暴力或残忍内容
reason-person = 真人，可能未经本人同意
reason-brand = 品牌或他人的作品
reason-spam = 垃圾内容
reason-other = 其他原因
reason-timeout = 没有版主按时审核

review-done-approve-prompt = **已通过。**现在提交给供应商，做好后发布。
review-done-approve-result = **已通过。**正在发布。
review-done-approve-report = **已保留。**如果之前被隐藏，现在会重新显示。
review-done-spoiler-prompt = **已以剧透方式通过。**现在提交给供应商，做好后以剧透方式发布。
review-done-spoiler-result = **已以剧透方式通过。**正在以剧透方式发布。
review-done-spoiler-report = **已以剧透方式保留。**
review-done-reject-prompt = **已拒绝。**30 秒后告知成员原因并退还额度。在此之前可以撤销。
review-done-reject-result = **已拒绝。**不会发布，30 秒后告知成员原因。在此之前可以撤销。
review-done-reject-report = **30 秒后下架**，然后告知成员原因。在此之前可以撤销。
report-done = **谢谢，举报已收到。**版主会处理，其他人不会知道是谁举报的。
delete-sure = 要永久下架 { $id } 吗？消息和保存的文件都会删除。
delete-done = { $id } 已下架。

queue-empty = 没有等待处理的内容，都处理完了！
queue-card = [打开卡片]({ $url })
queue-no-card = 卡片还没有发出
queue-total = 共 { $count } 个请求在等待。

history-title = 审核记录
history-empty = 这里还没有记录。
history-file = 共 { $count } 条记录，最新的在前。{ $is_cut ->
        [yes] 还有更多：请指定成员、版主或决定的种类。
       *[no] {""}
    }
history-by = 操作者 { $by }
history-by-itself = 自动
decision-approved = ✅ 通过
decision-approved-spoiler = ✅ 以剧透方式通过
decision-rejected = 🚫 拒绝
decision-timed-out = ⌛ 没有人按时处理
decision-kept = ✅ 被举报，已保留
decision-kept-spoiler = ✅ 被举报，已以剧透方式保留
decision-taken-down = 🚫 被举报，已下架
decision-reported = 🚩 被举报
decision-hidden = 🙈 因举报隐藏
decision-deleted = 🗑️ 删除
decision-film-deleted = 🗑️ 删除影片
decision-cancelled = ⏹️ 取消
decision-blocked = ⛔ 封禁
decision-unblocked = 🔓 解除封禁
decision-word-added = 📝 添加词语
decision-word-removed = 📝 移除词语
decision-rules-imported = 📥 导入 AutoMod 规则

blocked-done = { $user } 不能再在这里制作视频。进行中的视频会进入审核。
blocked-until = { $user } 在 { MOMENT($ms) } 之前不能在这里制作视频。进行中的视频会进入审核。
unblocked-done = { $user } 又可以在这里制作视频了。
words-title = 需要版主审核的词语
words-empty = 词表是空的。
words-added = { $word } 已加入词表。
words-removed = { $word } 已从词表移除。
words-rules = 来自 AutoMod，{ RELATIVE($ms) }读取：{ $rules }。重新读取：使用 { COMMAND("videomod words") } 的 `导入`。
words-forgotten = 已移除导入的规则。服务器自己的词表不变。
words-imported =
    { $count ->
        [0] 没有从 AutoMod 导入任何规则，之前导入的规则也已移除。
       *[other] 📥 已从 AutoMod 导入 { $count } 条规则，取代之前导入的规则：
    }
import-taken = ✅ **{ $rule }**：{ $count } 个关键词。
import-patterns = 其中 { $count } 个正则表达式未导入，因为在这里无法安全运行。
import-signs = 其中 { $count } 个关键词未导入：重复，或不含字母或数字。
import-left-out = ➖ **{ $rule }**：{ $why }
import-why-disabled = 未导入，因为它已停用。
import-why-patterns = 未导入；它只有正则表达式，在这里无法安全运行。
import-why-empty = 未导入；它没有含字母或数字的关键词。
import-why-too-many = 未导入；关键词规则超过了 Discord 允许的数量。
import-why-preset = 未导入；Discord 不公开它的预设词表。
import-why-mentions = 未导入；它统计提及，而提示词不会提及任何人。
import-why-spam = 未导入；它检查垃圾信息，而不是词语。
import-why-profile = 未导入；它检查个人资料，而不是消息。
import-why-other = 未导入；它不检查词语。
words-test-none = 词表和导入的规则都不会暂留这段文字。
words-test-held = 这段文字会等待版主审核：
words-test-own = - { $word } 在服务器自己的词表中。
words-test-rule = - { $word } 在 AutoMod 规则 **{ $rule }** 中。

review-reminder = ⏰ { $role } 仍在等待审核 · { $id } · { $user } · 没有人审核的话，将在 { RELATIVE($ms) }自动拒绝 · { $url }
log-safety-check-down =
    { $held ->
        [yes] ⚠️ 安全检查没有回应。在恢复之前，带图片的请求和做好的视频都会在审核频道等版主处理。
       *[no] ⚠️ 安全检查没有回应。在恢复之前，图片和视频不经检查直接放行：请用 { COMMAND("videoadmin settings") } 设置「审核频道」，让版主查看。
    }
log-review-unreachable = ⚠️ 我无法在审核频道 { $place } 发消息，所以没有人能在那里审核。请授予我「查看频道」「发送消息」「附加文件」「阅读消息历史记录」权限，或用 { COMMAND("videoadmin settings") } 设置另一个频道。在此之前，需要审核的请求都会被拒绝。
log-decision-approved = ✅ **通过** · { $id } · { $user } · 操作者 { $by }
log-decision-approved-spoiler = ✅ **以剧透方式通过** · { $id } · { $user } · 操作者 { $by }
log-decision-rejected = 🚫 **拒绝** · { $id } · { $user } · 操作者 { $by }{ $reason }{ $note }
log-decision-timed-out = ⌛ **没有人按时处理** · { $id } · { $user }
log-decision-kept = ✅ **被举报，已保留** · { $id } · { $user } · 操作者 { $by }
log-decision-kept-spoiler = ✅ **被举报，已以剧透方式保留** · { $id } · { $user } · 操作者 { $by }
log-decision-taken-down = 🚫 **被举报，已下架** · { $id } · { $user } · 操作者 { $by }{ $reason }{ $note }
log-decision-reported = 🚩 **被举报** · { $id } · { $user }{ $reason }
log-decision-deleted = 🗑️ **删除** · { $id } · { $user } · 操作者 { $by }
log-decision-film-deleted = 🗑️ **删除影片** · 以 { $id } 结尾 · { $user } · 操作者 { $by }
log-decision-cancelled = ⏹️ **取消** · { $id } · { $user } · 操作者 { $by }
log-decision-blocked = ⛔ **封禁** · { $user } · 操作者 { $by }{ $reason }
log-decision-unblocked = 🔓 **解除封禁** · { $user } · 操作者 { $by }{ $reason }
log-decision-word-added = 📝 **词表添加一个词** · 操作者 { $by }
log-decision-word-removed = 📝 **词表移除一个词** · 操作者 { $by }
log-decision-rules-imported = 📥 **已导入 AutoMod 规则** · 操作者 { $by }

notice-taken-down = { $user } 版主下架了你的视频。
notice-rejected-late = { $user } 你的视频被拒绝：没有版主按时审核。
notice-note = 版主备注：{ $note }
notice-more = 用 { COMMAND("video show") } 查看其余内容，只有你能看到。
show-rejected = 原因：{ $reason }

refused-blocked =
    { $frees_ms ->
        [0] 版主已禁止你在本服务器制作视频。如有疑问，请联系版主。
       *[other] 版主已禁止你在本服务器制作视频，直到 { MOMENT($frees_ms) }。如有疑问，请联系版主。
    }
refused-no-review-channel =
    { $is_set ->
        [0] 这个请求需要版主先审核，但本服务器还没有审核频道。请让服务器管理员用 { COMMAND("videoadmin settings") } 设置「审核频道」。
       *[other] 这个请求需要版主先审核，但我目前无法在本服务器的审核频道发消息。请让服务器管理员授予我权限，或用 { COMMAND("videoadmin settings") } 设置另一个频道。
    }
refused-no-review = 这里没有需要处理的内容：本服务器没有这项审核。用 { COMMAND("videomod queue") } 查看等待中的内容。
refused-own-review = 这是你自己的请求，需要由另一位版主审核。
refused-decided =
    { $state ->
        [approved] { $by } 已在 { RELATIVE($decided_ms) }通过。
        [spoiler] { $by } 已在 { RELATIVE($decided_ms) }以剧透方式通过。
       *[rejected] { $by } 已在 { RELATIVE($decided_ms) }拒绝。
    }
refused-review-late = 已在 { RELATIVE($decided_ms) }超时，之前没有人处理。
refused-review-over = 已无需处理：{ $id } 已经结束。
refused-not-a-video = 这不是我在本服务器发布的视频。请选择我发布的视频。
refused-report-own = 这是你自己的视频。你可以直接删除：先点**更多**，再点**删除**。
refused-reported-already = 你已经举报过这个视频，版主会处理。
refused-block-self = 你不能封禁自己。
refused-not-blocked = { $user } 在这里没有被封禁。
refused-word-empty = 词语至少要有一个字母或数字。
refused-word-there = { $word } 已经在词表中，也许写法不同。
refused-word-missing = { $word } 不在词表中。{ COMMAND("videomod words") } 会列出词表。
refused-import-permission = 需要「管理服务器」权限，Discord 才会让我读取本服务器的 AutoMod 规则。请让服务器管理员把它授予我的身份组（服务器设置 → 身份组），导入后也可以收回。没有任何更改。
refused-import-none = 没有可移除的导入规则。`导入：True` 会读取本服务器的 AutoMod 关键词规则。
refused-words-full = 词表已满，最多 { $limit } 个词。请先移除一个。
failure-changed = 你的链接中的文件在版主审核之后有变化。请重新提交，最好直接上传文件。
