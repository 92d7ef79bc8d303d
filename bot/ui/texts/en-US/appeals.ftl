# Appeals against rejections, and the moderators' queue: what members and moderators read of them.

button-appeal = Appeal
form-appeal = Appeal against the rejection
form-why = Why
form-appeal-help = What should another moderator know? You can do this once.
appeal-done = **Your appeal is with the moderators.** Another one than before decides. If nobody does by { MOMENT($ms) }, the rejection stands. You are told either way.

# On the card.
review-open-appeal = ⚖️ **Appeal: should this go on after all?** Requested by { $user } in { $place } { RELATIVE($ms) }
review-appealed-rejected = 🚫 Rejected by { $by } · { MOMENT($ms) }
review-appealed-late = ⌛ Rejected because nobody decided in time · { MOMENT($ms) }
review-appeal-says = **The member says:** { $text }
review-decided-approved-appeal = ✅ **Appeal granted** by { $by } · { MOMENT($ms) }
review-decided-spoiler-appeal = ✅ **Appeal granted** by { $by } · { MOMENT($ms) }
review-decided-rejected-appeal = 🚫 **Appeal denied** by { $by } · { MOMENT($ms) }
review-late-appeal = ⌛ **The rejection stands: nobody decided in time** · { MOMENT($ms) }
review-ends-appeal = If nobody decides, the rejection stands { RELATIVE($ms) }.
review-done-approve-appeal = **Appeal granted.** It goes on as if it had been approved at first.
review-done-spoiler-appeal = **Appeal granted.** It goes on as if it had been approved at first.
review-done-reject-appeal = **Appeal denied.** The rejection stands, and the member is told.
review-reminder-appeal = ⏰ { $role } An appeal is still waiting · { $id } · { $user } · the rejection stands { RELATIVE($ms) } if nobody decides · { $url }

# In history and log.
decision-appealed = ⚖️ appealed
decision-appeal-granted = ✅ appeal granted
decision-appeal-denied = 🚫 appeal denied
decision-appeal-timed-out = ⌛ nobody decided on the appeal in time
log-decision-appealed = ⚖️ **Appealed** · { $id } · { $user }
log-decision-appeal-granted = ✅ **Appeal granted** · { $id } · { $user } · by { $by }
log-decision-appeal-denied = 🚫 **Appeal denied** · { $id } · { $user } · by { $by }{ $reason }{ $note }
log-decision-appeal-timed-out = ⌛ **Nobody decided on the appeal in time** · { $id } · { $user }

# What the member is told.
notice-appeal = If you think that's wrong, press **Appeal** once, by { MOMENT($ms) }: another moderator looks at it.
notice-appeal-granted = { $user } your appeal was granted: your video is being made after all. It counts again as one of your videos.
notice-appeal-denied = { $user } your appeal was denied: another moderator looked, and your video stays rejected.
notice-appeal-late = { $user } no moderator decided on your appeal in time, so your video stays rejected.

refused-no-appeal = There is nothing to appeal against here: this isn't a rejected request that can be appealed.
refused-appeal-others = Only the member whose video was rejected can appeal.
refused-appealed-already = You have already appealed against this rejection. That is possible once.
refused-appeal-late = It was possible to appeal until { MOMENT($until_ms) }. You can make a new request with { COMMAND("video create") }.
refused-appeal-empty = Write a few words under **Why**, so that the moderators know what you mean.
refused-appeal-no-channel = The moderators of that server can't get appeals right now: their review channel can't be reached. Try again later, or write to a moderator.
refused-appeal-own-decision = You rejected it, so another moderator has to decide on the appeal.
refused-appeal-ceiling = **The appeal stays open:** granting it now would go past a limit.

# The queue, and taking a rejection back.
queue-claimed =
    { $count ->
        [one] { $count } request is waiting, but another moderator is looking at it or has to decide it.
       *[other] { $count } requests are waiting, but other moderators are looking at them or have to decide them.
    }
button-undo = Undo
review-undone = **Taken back.** It is open again, and nobody was told.
review-claimed = 👀 { $by } is looking at it, until { RELATIVE($ms) }.
refused-claimed = { $by } is looking at it, until { RELATIVE($until_ms) }. { COMMAND("videomod queue") } shows you the next one.
refused-undo-others = Only the moderator who rejected it can take that back.
refused-undo-late = That can't be taken back any more: the 30 seconds are over.

# What was decided before, on the card.
review-recent = **Last decisions:** { $decisions }
review-same-file = ♻️ **The same file before:** { $approved } approved, { $rejected } rejected
review-like-picture = ♻️ **A picture that looks alike before:** { $approved } approved, { $rejected } rejected
review-same-words = ♻️ **The same words before:** { $approved } approved, { $rejected } rejected
