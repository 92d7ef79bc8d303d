# What everybody sees: the progress card, the posted video, the news of an end, log lines.

# The progress card's first line.
card-draft = 📝 **Waiting for an answer** · { $user }
card-held = 🛡️ **Waiting for a moderator** · { $user }
card-auditing = 🔎 **The provider is checking your files** · { $user }
card-queued =
    { $place ->
        [next] ⏳ **Next in the queue** · { $user }
        [soon] ⏳ **Soon in the queue** · { $user }
        [later] ⏳ **Later in the queue** · { $user }
       *[other] ⏳ **In the queue** · { $user }
    }
card-submitting = 🚀 **Starting** · { $user }
card-running =
    { $progress ->
        [0] 🎬 **Making the video** · { $user }
       *[other] 🎬 **Making the video: { $progress }%** · { $user }
    }
card-rendered = 📦 **Done, posting it** · { $user }
card-reviewing = 🛡️ **Done, waiting for a moderator** · { $user }
card-posted = ✅ **Posted** · { $user }
card-failed = ❌ **It couldn't be made** · { $user }
card-rejected = 🚫 **Rejected by a moderator** · { $user }
card-cancelled = ⏹️ **Cancelled** · { $user }
card-uncertain = ❔ **Uncertain: the provider's answer was lost** · { $user }

# Which of a prompt's variations.
variation = { $number } of { $count }

card-started = Started { RELATIVE($ms) }
card-ready = Expected { RELATIVE($ms) }
card-overdue = Taking longer than expected
card-ended = Ended { RELATIVE($ms) }
card-cancel-note = If you cancel now, the video is discarded and still counts.

# Why nothing moves.
hindrance-paused = Paused by this bot's owner. Your place in the queue is kept.
hindrance-provider-down = The video provider is having trouble right now. Your place in the queue is kept, and it continues by itself.
hindrance-provider-key = The video provider isn't letting me in right now. This bot's owner has been told; your place in the queue is kept.
hindrance-provider-money = My credit with the video provider has run out. This bot's owner has been told; your place in the queue is kept.
hindrance-slow = This is taking longer than usual, but it is still being made. I keep checking.
hindrance-other = Things are slow right now. Your place in the queue is kept.

# Lines under both.
length = { $seconds } s
took =
    { $hours ->
        [0] { $minutes ->
            [0] { $seconds } s
           *[other] { $minutes } min { $seconds } s
        }
       *[other] { $hours } h { $minutes } min
    }

# The posted video.
result-ready = { $user } your video is ready!
result-took = made in { $time }
result-ai = Made by AI
result-alt =
    { $has_prompt ->
        [yes] Video made by AI: { $prompt }
       *[no] Video made by AI
    }
result-elsewhere = The place where you requested it can't be reached any more, so here it is.
from-server = From the server { $server }
result-link = The file is too large for Discord here. [Watch or save it]({ $url }) within three days.

# The news of an end, in a message of its own.
notice-failed = { $user } your video couldn't be made.
notice-rejected = { $user } a moderator rejected your video.
notice-rejected-reason = Reason: { $reason }
notice-cancelled =
    { $by ->
        [moderator] { $user } a moderator cancelled your video.
        [time] { $user } you didn't confirm your video within 15 minutes, so it was cancelled.
       *[self] { $user } your video is cancelled.
    }
notice-restored = { $user } it is **uncertain** what became of your video: the bot's records had to be restored from an older copy.
notice-restored-next = It may have been made and posted already. To be safe, it isn't sent again automatically. This bot's owner has been told and will sort it out; you don't have to do anything. Until then it counts, for 24 hours at most.
notice-uncertain = { $user } it is **uncertain** whether your video is being made: the provider's answer was lost.
notice-uncertain-next = To be safe, it isn't sent again automatically. This bot's owner has been told and will sort it out; you don't have to do anything. Until then it counts, for 24 hours at most.
notice-kept = { $user } your video is ready, but Discord won't accept the message with it.
notice-unverified = { $user } your video is ready, but I can't tell whether its message arrived.
notice-unverified-next = I don't post it a second time. If you don't see it, { COMMAND("video show") } has what I kept of it.
notice-kept-next = I'll keep trying. Meanwhile, { COMMAND("video show") } has a link to it.
quota-back = It doesn't count: you can make another one instead.
quota-kept = It still counts as one of your videos.

# Why it failed, and what to do.
failure-content = The provider refused it because of its content. Soften the prompt or use other pictures, then try again.
failure-content-input = The provider refused a picture, clip or sound because of its content. Use another one and try again.
failure-content-person = The provider refused it because it shows a real person. Use pictures without recognisable people and try again.
failure-content-trademark = The provider refused it because of a brand or a protected character. Leave that out and try again.
failure-content-result = The provider made the video but withheld it because of what it shows. Soften the prompt and try again.
failure-media = The provider couldn't load one of your files. Save it again as JPEG, PNG or MP4, then try again.
failure-refused-media = These files can't be used:
failure-assets-refused = The provider checked your files and refused some. Nothing was spent:
failure-audit-not-taken = The provider didn't take your files for its check. Nothing was spent; try again in a few minutes.
failure-audit-too-long = The provider's check of your files took too long, so I stopped waiting. Nothing was spent; try again later, or use another model: { COMMAND("video models") }.
failure-busy = The provider is too busy right now. Try again in a few minutes.
failure-money = My credit with the provider has run out. This bot's owner has been told; try again later.
failure-parameters = The provider doesn't accept this combination of settings. Try another duration, ratio or model.
failure-too-long = The provider didn't finish it in time, so I stopped waiting. Try again, perhaps with a shorter video.
failure-result-unreachable = The video was made, but couldn't be downloaded from the provider. Try again, or ask this bot's owner.
failure-result-damaged = The video was made, but the provider's file doesn't play, however often I fetch it. Try again, or ask this bot's owner.
failure-undeliverable = The video was made, but there was nowhere to post it. Make sure I can send messages and files in the channel where you make your request, then try again.
failure-unseen = I couldn't post its progress anywhere, so I didn't start. Nothing was spent. Make sure I can send messages in the channel where you make your request, then try again.
failure-blocked = You were blocked here before its turn came, so it wasn't made. It doesn't count.
failure-channel-closed = Videos are no longer allowed in that channel, so it wasn't made. It doesn't count; ask in another channel.
failure-flagged = A moderator needs to check one of your files first, and this server has no review channel I can use, so it wasn't made. Try another picture, or ask a server manager to set a review channel.
failure-flagged-result = A moderator needs to check the finished video before it is posted, and this server has no review channel I can use, so it isn't shown. Try another prompt, or ask a server manager to set a review channel.
failure-model-closed = This server no longer allows that model, so it wasn't made. It doesn't count; try another model: { COMMAND("video models") }.
failure-not-served = I no longer make videos for that server, so it wasn't made. It doesn't count.
failure-unknown = The provider gave no clear reason. Trying again often helps; if not, change the prompt or the pictures a little.

# Lines for the log channel and direct messages to owners.
place-direct = a direct message
log-restored =
    { $count ->
        [one] ❔ The bot's database was restored from a copy. One video of this server is **uncertain** until the bot's owner has looked into it.
       *[other] ❔ The bot's database was restored from a copy. { $count } videos of this server are **uncertain** until the bot's owner has looked into them.
    }
owner-restored =
    { $count ->
        [0] ✅ The database was restored from a copy. Nothing in it was waiting to be sent.
        [one] ❔ The database was restored from a copy. One video that waited in it may have been sent since: it is **uncertain**, and nothing is paid for it automatically. Settle it with { COMMAND("owner uncertain") }.
       *[other] ❔ The database was restored from a copy. { $count } videos that waited in it may have been sent since: they are **uncertain**, and nothing is paid for them automatically. Settle them with { COMMAND("owner uncertain") }.
    }
log-uncertain = ❔ Video **uncertain** · { $id } · { $user } · The provider's answer was lost. It isn't sent again automatically. Settle it with { COMMAND("owner uncertain") }.
log-undeliverable = 📭 **Made, but not delivered** · { $id } · { $user } · Last tried: { $place }
log-unverified = ❔ **Possibly not delivered** · { $id } · { $user } · { $place } · I can't read the history there, so I can't tell whether it arrived. It isn't posted a second time.
log-not-hidden = ⚠️ **Reported, but not hidden yet** · { $id } · { $user } · Discord refuses to change its message. I keep trying. To take it down now, press **Reject** on its card, or **Delete** under **More**.
alarm-provider-down = ⚠️ The video provider has been failing for a while. New requests wait in the queue and continue when it answers again.
alarm-provider-key = ⚠️ The video provider refuses the API key. Every request is kept. Check `SEEDANCE_API_KEY`, then restart me.
alarm-provider-money = ⚠️ The balance with the video provider has run out. New requests wait in the queue and continue once it is topped up.
alarm-prices-changed = ⚠️ The provider's price list has changed:
    { $lines }
    The new prices count from now on; requests keep the price that they were asked at. A price in `MODELS_FILE` is always yours.
alarm-prices-gone = ⚠️ The provider's price list no longer has these, with the last price:
    { $lines }
    They may no longer be offered. The last price still counts. Put your own into `MODELS_FILE`, or remove the model from your servers.
