# What moderators decide: review cards, forms, lists, the log; and what members read of it.

# The card's first line.
review-open-prompt = 🛡️ **Can this be made?** Requested by { $user } in { $place } { RELATIVE($ms) }
review-open-result = 🛡️ **Can this be posted?** Requested by { $user } in { $place } { RELATIVE($ms) }
review-open-report = 🚩 **Reported: can this stay?** Requested by { $user } in { $place } { RELATIVE($ms) }
review-decided-approved-prompt = ✅ **Approved** by { $by } · { MOMENT($ms) } · being made
review-decided-approved-result = ✅ **Approved** by { $by } · { MOMENT($ms) } · being posted
review-decided-approved-report = ✅ **Kept** by { $by } · { MOMENT($ms) }
review-decided-spoiler-prompt = ✅ **Approved as spoiler** by { $by } · { MOMENT($ms) } · being made
review-decided-spoiler-result = ✅ **Approved as spoiler** by { $by } · { MOMENT($ms) } · being posted
review-decided-spoiler-report = ✅ **Kept as spoiler** by { $by } · { MOMENT($ms) }
review-decided-rejected-prompt = 🚫 **Rejected** by { $by } · { MOMENT($ms) }
review-decided-rejected-result = 🚫 **Rejected** by { $by } · { MOMENT($ms) } · not posted
review-decided-rejected-report = 🚫 **Taken down** by { $by } · { MOMENT($ms) }
review-late-prompt = ⌛ **Rejected: nobody decided in time** · { MOMENT($ms) }
review-late-result = ⌛ **Rejected: nobody decided in time** · { MOMENT($ms) }
review-late-report = ⌛ **Taken down: nobody decided in time** · { MOMENT($ms) }
review-left-report = ⌛ **Left as it is: nobody decided in time** · { MOMENT($ms) }
review-withdrawn = ⏹️ **Nothing left to decide** · { MOMENT($ms) }

# Its other lines.
review-requester = Requested by { $user } in { $place }
review-why = **Why it needs review:** { $reasons }
review-why-mode = review is on
review-why-first = one of this member's first requests
review-why-younger = new account or new member
review-why-links = contains a link
review-why-words = contains a word on the list
review-why-reported = another video of this member has been reported
review-why-rejections = several of this member's requests were rejected lately
review-why-blocked = the member has been blocked since
review-why-flagged = the safety check flagged it
review-why-unchecked = the safety check gave no answer
review-flagged = 🔎 **The safety check saw:** { $findings }
review-finding =
    { $where ->
        [result] { $label } { $score }% at { $second } s
        [clip] { $label } { $score }% on file { $number }, at { $second } s
       *[picture] { $label } { $score }% on file { $number }
    }
review-standing = **This member so far:** { $posted ->
        [one] { $posted } video posted
       *[other] { $posted } videos posted
    }, { $rejected } rejected, { $blocked ->
        [0] never blocked
        [one] blocked once
       *[other] blocked { $blocked } times
    }
review-inputs = **Sent to the provider along with it:**
review-input-shown = { $what } { $name }
review-input-linked = { $what } { $name }, fetched from a link
review-input-unseen = { $what } { $name }: **can't be viewed** here
review-input-heavy = { $what } { $name }: **can't be viewed** here, too large to attach
review-frames = The contact sheet shows frames of the video in order.
review-no-video = **The video can't be shown here.** { $url ->
        [none] It is too large for Discord.
       *[other] [Watch it at the provider]({ $url })
    }
review-prompt-attached = The whole prompt is attached as a text file.
review-reports =
    { $count ->
        [one] **Reported by one member:**
       *[other] **Reported by { $count } members:**
    }
review-more = … and { $count } more
review-posted = [The posted video]({ $url })
review-ends = If nobody decides, it is rejected { RELATIVE($ms) }.
review-ends-report = If nobody decides, this closes { RELATIVE($ms) }: a hidden video stays hidden, otherwise it stays as it is.
review-reason = Reason: { $reason }
review-note = Note: { $note }

review-alt-video = The video waiting for a decision
review-alt-flagged = The moment that the safety check flagged
review-alt-frames = Contact sheet: frames of the video in order, from first to last
review-alt-input = Reference { $number } of the request
review-alt-preview = Reference { $number } of the request, made smaller
review-alt-clip = Contact sheet: frames of reference { $number }, a clip, from first to last
review-alt-inputs = Contact sheet: all pictures of the request, side by side

button-approve = Approve
button-spoiler = Approve as spoiler
button-reject = Reject
button-report = Report
button-delete = Delete

# The forms.
form-reject = Reject this request
form-reason = Reason
form-note = Note
form-note-help = The member sees this. Leave it empty if the reason says enough.
form-report = Report this video
form-report-help = What is wrong with it? Only moderators see this.

reason-rules = Against this server's rules
reason-adult = Sexual content
reason-violence = Violence or cruelty
reason-person = A real person who may not have agreed
reason-brand = A brand or somebody else's work
reason-spam = Spam
reason-other = Another reason
reason-timeout = No moderator checked it in time

# Private answers.
review-done-approve-prompt = **Approved.** It goes to the provider now and is posted when it is ready.
review-done-approve-result = **Approved.** It is being posted.
review-done-approve-report = **Kept.** If it was hidden, it is shown again.
review-done-spoiler-prompt = **Approved as spoiler.** It goes to the provider now and is posted behind a spoiler.
review-done-spoiler-result = **Approved as spoiler.** It is being posted behind a spoiler.
review-done-spoiler-report = **Kept behind a spoiler.**
review-done-reject-prompt = **Rejected.** The member is told why in 30 seconds, and it doesn't count. Until then you can take it back.
review-done-reject-result = **Rejected.** It isn't posted. The member is told why in 30 seconds. Until then you can take it back.
review-done-reject-report = **Taken down** in 30 seconds, and then the member is told why. Until then you can take it back.
report-done = **Thank you, it's reported.** The moderators will check it. Nobody else sees who reported it.
delete-sure = Take { $id } down for good? The message and the stored files are deleted.
delete-done = { $id } has been taken down.

queue-empty = Nothing is waiting. All done!
queue-card = [Open the card]({ $url })
queue-no-card = its card isn't posted yet
queue-total =
    { $count ->
        [one] { $count } request is waiting.
       *[other] { $count } requests are waiting.
    }

history-title = Decisions
history-empty = No decisions here yet.
history-file = { $count ->
        [one] One decision
       *[other] { $count } decisions
    }, newest first.{ $is_cut ->
        [yes] {" "}There are more: name a member, a moderator or a kind of decision.
       *[no] {""}
    }
history-by = by { $by }
history-by-itself = automatic
decision-approved = ✅ approved
decision-approved-spoiler = ✅ approved as spoiler
decision-rejected = 🚫 rejected
decision-timed-out = ⌛ nobody decided in time
decision-kept = ✅ reported, kept
decision-kept-spoiler = ✅ reported, kept as spoiler
decision-taken-down = 🚫 reported, taken down
decision-reported = 🚩 reported
decision-hidden = 🙈 hidden after reports
decision-deleted = 🗑️ deleted
decision-film-deleted = 🗑️ film deleted
decision-cancelled = ⏹️ cancelled
decision-blocked = ⛔ blocked
decision-unblocked = 🔓 unblocked
decision-word-added = 📝 word added
decision-word-removed = 📝 word removed
decision-rules-imported = 📥 AutoMod rules imported

blocked-done = { $user } can't make videos here any more. Videos in progress go to review.
blocked-until = { $user } can't make videos here until { MOMENT($ms) }. Videos in progress go to review.
unblocked-done = { $user } can make videos here again.
words-title = Words that need a moderator's check
words-empty = The list is empty.
words-added = { $word } is on the list.
words-removed = { $word } is off the list.
words-rules = From AutoMod, read { RELATIVE($ms) }: { $rules }. To read them again: { COMMAND("videomod words") } with `import`.
words-forgotten = The imported rules are removed. The server's own list stays.
words-imported =
    { $count ->
        [0] No rule was taken from AutoMod, and none of an earlier import is left.
        [one] 📥 One rule was taken from AutoMod, in place of those imported before:
       *[other] 📥 { $count } rules were taken from AutoMod, in place of those imported before:
    }
import-taken =
    ✅ **{ $rule }**: { $count ->
        [one] one keyword.
       *[other] { $count } keywords.
    }
import-patterns =
    { $count ->
        [one] Its regular expression was left out: it can't be run safely here.
       *[other] Its { $count } regular expressions were left out: they can't be run safely here.
    }
import-signs =
    { $count ->
        [one] One keyword was left out: it is a duplicate, or has no letter or digit.
       *[other] { $count } keywords were left out: they are duplicates, or have no letter or digit.
    }
import-left-out = ➖ **{ $rule }**: { $why }
import-why-disabled = left out; it is switched off.
import-why-patterns = left out; it has only regular expressions, which can't be run safely here.
import-why-empty = left out; it has no keyword with a letter or digit.
import-why-too-many = left out; there are more keyword rules than Discord allows.
import-why-preset = left out; Discord doesn't publish its ready-made lists.
import-why-mentions = left out; it counts mentions, and a prompt pings nobody.
import-why-spam = left out; it looks for spam, not for words.
import-why-profile = left out; it looks at profiles, not at messages.
import-why-other = left out; it doesn't look for words.
words-test-none = No word on the list and no imported rule would hold this text.
words-test-held = This text would wait for a moderator:
words-test-own = - { $word } is on the server's own list.
words-test-rule = - { $word } is in the AutoMod rule **{ $rule }**.

# The review channel's reminder and the log channel's lines. $reason and $note come with a separator of their own, or empty.
review-reminder = ⏰ { $role } Still waiting for a decision · { $id } · { $user } · rejected { RELATIVE($ms) } if nobody decides · { $url }
log-safety-check-down =
    { $held ->
        [yes] ⚠️ The safety check gives no answer. Until it does, requests with pictures and finished videos wait for a moderator in the review channel.
       *[no] ⚠️ The safety check gives no answer. Until it does, pictures and videos go on unchecked: set `review_channel` with { COMMAND("videoadmin settings") } to have moderators look at them.
    }
log-review-unreachable = ⚠️ I can't post in the review channel { $place }, so nobody can decide there. Give me View Channel, Send Messages, Attach Files and Read Message History, or set another channel with { COMMAND("videoadmin settings") }. Until then, requests that need a moderator are refused.
log-decision-approved = ✅ **Approved** · { $id } · { $user } · by { $by }
log-decision-approved-spoiler = ✅ **Approved as spoiler** · { $id } · { $user } · by { $by }
log-decision-rejected = 🚫 **Rejected** · { $id } · { $user } · by { $by }{ $reason }{ $note }
log-decision-timed-out = ⌛ **Nobody decided in time** · { $id } · { $user }
log-decision-kept = ✅ **Reported, kept** · { $id } · { $user } · by { $by }
log-decision-kept-spoiler = ✅ **Reported, kept as spoiler** · { $id } · { $user } · by { $by }
log-decision-taken-down = 🚫 **Reported, taken down** · { $id } · { $user } · by { $by }{ $reason }{ $note }
log-decision-reported = 🚩 **Reported** · { $id } · { $user }{ $reason }
log-decision-deleted = 🗑️ **Deleted** · { $id } · { $user } · by { $by }
log-decision-film-deleted = 🗑️ **Film deleted** · ended with { $id } · { $user } · by { $by }
log-decision-cancelled = ⏹️ **Cancelled** · { $id } · { $user } · by { $by }
log-decision-blocked = ⛔ **Blocked** · { $user } · by { $by }{ $reason }
log-decision-unblocked = 🔓 **Unblocked** · { $user } · by { $by }{ $reason }
log-decision-word-added = 📝 **Word added to the list** · by { $by }
log-decision-word-removed = 📝 **Word removed from the list** · by { $by }
log-decision-rules-imported = 📥 **AutoMod rules imported** · by { $by }

# What members read.
notice-taken-down = { $user } a moderator took your video down.
notice-rejected-late = { $user } your video was rejected: no moderator checked it in time.
notice-note = Note from the moderator: { $note }
notice-more = { COMMAND("video show") } shows you the rest in private.
show-rejected = Reason: { $reason }

refused-blocked =
    { $frees_ms ->
        [0] A moderator has blocked you from making videos in this server. If you think that's a mistake, ask the moderators.
       *[other] A moderator has blocked you from making videos in this server until { MOMENT($frees_ms) }. If you think that's a mistake, ask the moderators.
    }
refused-no-review-channel =
    { $is_set ->
        [0] A moderator has to check this first, but this server has no review channel yet. Ask a server manager to set `review_channel` with { COMMAND("videoadmin settings") }.
       *[other] A moderator has to check this first, but I can't post in this server's review channel right now. Ask a server manager to give me access to it, or to set another one with { COMMAND("videoadmin settings") }.
    }
refused-no-review = There is nothing to decide here: this server has no such review. { COMMAND("videomod queue") } shows what is waiting.
refused-own-review = That is your own request, so another moderator has to decide.
refused-decided =
    { $state ->
        [approved] { $by } already approved it { RELATIVE($decided_ms) }.
        [spoiler] { $by } already approved it as spoiler { RELATIVE($decided_ms) }.
       *[rejected] { $by } already rejected it { RELATIVE($decided_ms) }.
    }
refused-review-late = Time ran out { RELATIVE($decided_ms) }, before anybody decided.
refused-review-over = There is nothing left to decide: { $id } has already ended.
refused-not-a-video = That isn't a video I posted in this server. Choose one that I posted.
refused-report-own = That is your own video. You can delete it instead: **More**, then **Delete**.
refused-reported-already = You have already reported this video. The moderators will check it.
refused-block-self = You can't block yourself.
refused-not-blocked = { $user } isn't blocked here.
refused-word-empty = A word needs at least one letter or digit.
refused-word-there = { $word } is already on the list, perhaps in another spelling.
refused-word-missing = { $word } isn't on the list. { COMMAND("videomod words") } shows it.
refused-import-permission = Discord shows me this server's AutoMod rules only with the permission Manage Server. Ask a server manager to give it to my role (Server Settings → Roles), import, and take it away again if you like. Nothing was changed.
refused-import-none = There are no imported rules to remove. `import: True` reads the server's AutoMod keyword rules.
refused-words-full = The list is full: it can hold { $limit } words. Remove one first.
failure-changed = The file at your link has changed since the moderators checked it. Request it again, preferably with the file attached.
