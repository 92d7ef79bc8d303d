# What moderators decide: review cards, forms, lists, the log; and what members read of it.

# The card's first line.
review-open-prompt = 🛡️ **May this be made?** { $user } asked { RELATIVE($ms) } in { $place }
review-open-result = 🛡️ **May this be posted?** { $user } asked { RELATIVE($ms) } in { $place }
review-open-report = 🚩 **Reported: may this stay?** By { $user }, asked { RELATIVE($ms) } in { $place }
review-decided-approved-prompt = ✅ **Approved** by { $by } { MOMENT($ms) }: it is being made
review-decided-approved-result = ✅ **Approved** by { $by } { MOMENT($ms) }: it is posted
review-decided-approved-report = ✅ **Stays**, by { $by } { MOMENT($ms) }
review-decided-spoiler-prompt = ✅ **Approved as spoiler** by { $by } { MOMENT($ms) }: it is being made
review-decided-spoiler-result = ✅ **Approved as spoiler** by { $by } { MOMENT($ms) }: it is posted
review-decided-spoiler-report = ✅ **Stays, as spoiler**, by { $by } { MOMENT($ms) }
review-decided-rejected-prompt = 🚫 **Rejected** by { $by } { MOMENT($ms) }
review-decided-rejected-result = 🚫 **Rejected** by { $by } { MOMENT($ms) }: it isn't posted
review-decided-rejected-report = 🚫 **Taken down** by { $by } { MOMENT($ms) }
review-late-prompt = ⌛ **Rejected: nobody decided in time** { MOMENT($ms) }
review-late-result = ⌛ **Rejected: nobody decided in time** { MOMENT($ms) }
review-late-report = ⌛ **Taken down: nobody decided in time** { MOMENT($ms) }
review-left-report = ⌛ **Left as it is: nobody decided in time** { MOMENT($ms) }
review-withdrawn = ⏹️ **Nothing to decide any more** { MOMENT($ms) }

# Its other lines.
review-requester = Asked for by { $user } in { $place }
review-why = **Why it is here:** { $reasons }
review-why-mode = review is switched on
review-why-first = one of this member's first
review-why-younger = the account or membership is new
review-why-links = has a link
review-why-words = has a listed word
review-why-reported = a video of this member's is reported
review-why-blocked = blocked since asking
review-standing = **So far:** { $posted ->
        [one] { $posted } video posted
       *[other] { $posted } videos posted
    }, { $rejected } rejected, { $blocked ->
        [0] never blocked
        [one] blocked once
       *[other] blocked { $blocked } times
    }
review-inputs = **Goes to the provider with it:**
review-input-shown = { $what } { $name }
review-input-linked = { $what } { $name }, fetched from a link
review-input-unseen = { $what } { $name }: **unseen**, nobody here can look at it
review-input-heavy = { $what } { $name }: **unseen**, too large to attach
review-frames = The picture with many tiles shows frames of the video from first to last.
review-no-video = **The video can't be shown here.** { $url ->
        [none] It is too large for Discord.
       *[other] [Watch it at the provider]({ $url })
    }
review-prompt-attached = The whole prompt is attached as a text.
review-reports =
    { $count ->
        [one] **Reported by one member:**
       *[other] **Reported by { $count } members:**
    }
review-more = … and { $count } more
review-posted = [The posted video]({ $url })
review-ends = Without a decision it is rejected { RELATIVE($ms) }.
review-ends-report = Without a decision it stays as it is { RELATIVE($ms) }: hidden, it stays hidden.
review-reason = Reason: { $reason }
review-note = Note: { $note }

review-alt-video = The video that waits for a decision
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
form-note-help = Told to the member; leave it empty if the reason says enough
form-report = Report this video
form-report-help = What is wrong with it? Only moderators read this

reason-rules = Against this server's rules
reason-adult = Sexual content
reason-violence = Violence or cruelty
reason-person = A real person who may not have agreed
reason-brand = A brand or somebody else's work
reason-spam = Spam
reason-other = Another reason
reason-timeout = No moderator looked at it in time

# Private answers.
review-done-approve-prompt = **Approved.** It goes to the provider now, and is posted when it is ready.
review-done-approve-result = **Approved.** It is being posted.
review-done-approve-report = **It stays.** If it was hidden, it is shown again.
review-done-spoiler-prompt = **Approved as spoiler.** It goes to the provider now, and is posted behind a spoiler.
review-done-spoiler-result = **Approved as spoiler.** It is being posted behind a spoiler.
review-done-spoiler-report = **It stays, behind a spoiler.**
review-done-reject-prompt = **Rejected.** The member is told why, and has the video back.
review-done-reject-result = **Rejected.** It isn't posted. The member is told why.
review-done-reject-report = **Taken down.** The member is told why.
report-done = **Thank you, it's reported.** The moderators look at it. Nobody else sees who reported it.
delete-sure = Take { $id } down for good? The message goes, and with it the files kept here.
delete-done = { $id } is taken down.

queue-title = Waiting for a moderator
queue-empty = Nothing waits.
queue-item = { $stage ->
    [prompt] 🛡️ may be made?
    [result] 🛡️ may be posted?
   *[report] 🚩 reported
} { $user } { RELATIVE($ms) }
queue-card = [Open the card]({ $url })
queue-no-card = its card isn't posted yet
queue-total =
    { $count ->
        [one] { $count } waits.
       *[other] { $count } wait.
    }

history-title = What was decided
history-empty = Nothing was ever decided about that here.
history-by = by { $by }
history-by-itself = by itself
decision-approved = ✅ approved
decision-approved-spoiler = ✅ approved as spoiler
decision-rejected = 🚫 rejected
decision-timed-out = ⌛ nobody decided in time
decision-kept = ✅ reported, and stays
decision-kept-spoiler = ✅ reported, and stays as spoiler
decision-taken-down = 🚫 reported, and taken down
decision-reported = 🚩 reported
decision-hidden = 🙈 hidden after so many reports
decision-deleted = 🗑️ deleted
decision-film-deleted = 🗑️ film deleted
decision-cancelled = ⏹️ cancelled
decision-blocked = ⛔ blocked
decision-unblocked = 🔓 unblocked
decision-word-added = 📝 word added
decision-word-removed = 📝 word removed

blocked-done = { $user } can't ask for videos here any more. What is running already goes to review.
blocked-until = { $user } can't ask for videos here until { MOMENT($ms) }. What is running already goes to review.
unblocked-done = { $user } can ask for videos here again.
words-title = Words that need a moderator
words-empty = The list is empty.
words-added = { $word } is on the list.
words-removed = { $word } is off the list.

# The review channel's reminder and the log channel's lines.
review-reminder = ⏰ { $role } Video { $id } of { $user } still waits for a decision; it is rejected { RELATIVE($ms) }. { $url }
log-review-unreachable = ⚠️ I can't post in the review channel { $place }, so nobody can decide there. Give me View Channel, Send Messages, Attach Files and Read Message History, or set another one with { COMMAND("videoadmin settings") }. Until then nothing that needs a moderator is taken.
log-decision-approved = ✅ { $by } approved { $id } of { $user }.
log-decision-approved-spoiler = ✅ { $by } approved { $id } of { $user } as spoiler.
log-decision-rejected = 🚫 { $by } rejected { $id } of { $user }. { $reason } { $note }
log-decision-timed-out = ⌛ Nobody decided on { $id } of { $user } in time.
log-decision-kept = ✅ { $by } let the reported { $id } of { $user } stay.
log-decision-kept-spoiler = ✅ { $by } let the reported { $id } of { $user } stay as spoiler.
log-decision-taken-down = 🚫 { $by } took the reported { $id } of { $user } down. { $reason } { $note }
log-decision-reported = 🚩 { $id } of { $user } was reported. { $reason }
log-decision-deleted = 🗑️ { $by } deleted { $id } of { $user }.
log-decision-film-deleted = 🗑️ { $by } deleted the film of { $user } that ended with { $id }.
log-decision-cancelled = ⏹️ { $by } cancelled { $id } of { $user }.
log-decision-blocked = ⛔ { $by } blocked { $user }. { $reason }
log-decision-unblocked = 🔓 { $by } unblocked { $user }. { $reason }
log-decision-word-added = 📝 { $by } added a word to the list.
log-decision-word-removed = 📝 { $by } removed a word from the list.

# What members read.
notice-taken-down = { $user } a moderator took your video down.
notice-rejected-late = { $user } your video wasn't passed: no moderator looked at it in time.
notice-note = A moderator adds: { $note }
notice-more = { COMMAND("video show") } shows the rest, to you alone.
show-rejected = The reason: { $reason }

refused-blocked =
    { $frees_ms ->
        [0] You can't ask for videos in this server: a moderator has blocked that. Ask the moderators if you think it's a mistake.
       *[other] You can't ask for videos in this server until { MOMENT($frees_ms) }: a moderator has blocked that. Ask the moderators if you think it's a mistake.
    }
refused-no-review-channel =
    { $is_set ->
        [0] A moderator must look at this first, but this server has no review channel yet. Ask someone who manages it to set `review_channel` with { COMMAND("videoadmin settings") }.
       *[other] A moderator must look at this first, but I can't post in this server's review channel right now. Ask someone who manages it to let me in there, or to set another one with { COMMAND("videoadmin settings") }.
    }
refused-no-review = There is nothing to decide here: I know no such review in this server. { COMMAND("videomod queue") } shows what waits.
refused-own-review = That is your own request, so another moderator has to decide.
refused-decided =
    { $state ->
        [approved] { $by } was first: approved { RELATIVE($decided_ms) }.
        [spoiler] { $by } was first: approved as spoiler { RELATIVE($decided_ms) }.
       *[rejected] { $by } was first: rejected { RELATIVE($decided_ms) }.
    }
refused-review-late = Its time was over { RELATIVE($decided_ms) }, before anybody decided.
refused-review-over = There is nothing to decide any more: { $id } has ended in another way.
refused-not-a-video = That is no video of mine that stands in this server. Report or delete one that I posted.
refused-report-own = That is your own video. You can delete it instead: **More**, then **Delete**.
refused-reported-already = You have reported this video before. The moderators know.
refused-block-self = You can't block yourself.
refused-not-blocked = { $user } isn't blocked here.
refused-word-empty = A word needs at least one letter or digit.
refused-word-there = { $word } is on the list already, perhaps spelled another way.
refused-word-missing = { $word } isn't on the list. { COMMAND("videomod words") } shows it.
refused-words-full = The list is full: it takes { $limit } words.
failure-changed = A file at your link is no longer the one that the moderators looked at. Ask again, best with the file itself.
