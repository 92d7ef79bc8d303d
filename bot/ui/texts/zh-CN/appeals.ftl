# 申诉：成员和版主看到的相关内容。

button-appeal = 申诉
form-appeal = 对拒绝提出申诉
form-why = 理由
form-appeal-help = 想让另一位版主知道什么？只能申诉一次。
appeal-done = **申诉已提交给版主。**会由另一位版主决定。如果到 { MOMENT($ms) } 还没有人处理，则维持拒绝。无论结果如何都会通知你。

review-open-appeal = ⚖️ **申诉：可以继续吗？**{ $user } { RELATIVE($ms) }在 { $place } 提交
review-appealed-rejected = 🚫 已被拒绝 · { $by } · { MOMENT($ms) }
review-appealed-late = ⌛ 因没有人按时审核而被拒绝 · { MOMENT($ms) }
review-appeal-says = **成员的说明：**{ $text }
review-decided-approved-appeal = ✅ **申诉已通过** · { $by } · { MOMENT($ms) }
review-decided-spoiler-appeal = ✅ **申诉已通过** · { $by } · { MOMENT($ms) }
review-decided-rejected-appeal = 🚫 **申诉已驳回** · { $by } · { MOMENT($ms) }
review-late-appeal = ⌛ **维持拒绝：没有人按时处理** · { MOMENT($ms) }
review-ends-appeal = 如果没有人处理，将在 { RELATIVE($ms) }维持拒绝。
review-done-approve-appeal = **申诉已通过。**请求会像当初通过时一样继续。
review-done-spoiler-appeal = **申诉已通过。**请求会像当初通过时一样继续。
review-done-reject-appeal = **申诉已驳回。**维持拒绝，并会告知成员。
review-reminder-appeal = ⏰ { $role } 还有申诉在等待 · { $id } · { $user } · 没有人处理的话，将在 { RELATIVE($ms) }维持拒绝 · { $url }

decision-appealed = ⚖️ 申诉
decision-appeal-granted = ✅ 申诉通过
decision-appeal-denied = 🚫 申诉驳回
decision-appeal-timed-out = ⌛ 没有人按时处理申诉
log-decision-appealed = ⚖️ **申诉** · { $id } · { $user }
log-decision-appeal-granted = ✅ **申诉通过** · { $id } · { $user } · 操作者 { $by }
log-decision-appeal-denied = 🚫 **申诉驳回** · { $id } · { $user } · 操作者 { $by }{ $reason }{ $note }
log-decision-appeal-timed-out = ⌛ **没有人按时处理申诉** · { $id } · { $user }

notice-appeal = 如果你认为不对，可以在 { MOMENT($ms) } 之前点一次**申诉**：会由另一位版主重新审核。
notice-appeal-granted = { $user } 你的申诉已通过：视频会继续制作，并重新计入你的额度。
notice-appeal-denied = { $user } 你的申诉已被驳回：另一位版主看过了，视频仍然被拒绝。
notice-appeal-late = { $user } 没有版主按时处理你的申诉，视频仍然被拒绝。

refused-no-appeal = 这里没有可以申诉的内容：这不是可以申诉的被拒绝的请求。
refused-appeal-others = 只有视频被拒绝的成员本人可以申诉。
refused-appealed-already = 你已经对这次拒绝提出过申诉，只能申诉一次。
refused-appeal-late = 申诉期限到 { MOMENT($until_ms) } 为止。你可以用 { COMMAND("video create") } 重新提交。
refused-appeal-empty = 请在**理由**里写几句，让版主明白你的意思。
refused-appeal-no-channel = 该服务器的版主目前收不到申诉：无法访问审核频道。请稍后再试，或直接联系版主。
refused-appeal-own-decision = 是你拒绝的，所以要由另一位版主处理申诉。
refused-appeal-ceiling = **申诉仍在等待：**现在通过会超出上限。

queue-claimed = 有 { $count } 个请求在等待，但其他版主正在查看，或须由其他版主处理。
button-undo = 撤销
review-undone = **已撤销。**请求重新等待审核，没有告知任何人。
review-claimed = 👀 { $by } 正在查看，{ RELATIVE($ms) }结束。
refused-claimed = { $by } 正在查看，{ RELATIVE($until_ms) }结束。用 { COMMAND("videomod queue") } 查看下一个。
refused-undo-others = 只有拒绝它的版主可以撤销。
refused-undo-late = 已经不能撤销：30 秒已过。

review-recent = **最近的决定：**{ $decisions }
review-same-file = ♻️ **以前的相同文件：**通过 { $approved } 次，拒绝 { $rejected } 次
review-like-picture = ♻️ **以前相似的图片：**通过 { $approved } 次，拒绝 { $rejected } 次
review-same-words = ♻️ **以前相同的文字：**通过 { $approved } 次，拒绝 { $rejected } 次
