# What everybody sees: the progress card, the posted video, the news of an end, log lines.

# The progress card's first line.
card-draft = 📝 **Waiting for an answer** from { $user }
card-held = 🛡️ **Waiting for a moderator** · { $user }
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
       *[other] 🎬 **Making the video: { $progress } %** · { $user }
    }
card-rendered = 📦 **Done, posting it** · { $user }
card-reviewing = 🛡️ **Done, waiting for a moderator** · { $user }
card-posted = ✅ **Posted** · { $user }
card-failed = ❌ **It couldn't be made** · { $user }
card-rejected = 🚫 **A moderator declined it** · { $user }
card-cancelled = ⏹️ **Cancelled** · { $user }
card-uncertain = ❔ **Uncertain: the provider's answer was lost** · { $user }

card-started = Started { RELATIVE($ms) }
card-ready = Expected { RELATIVE($ms) }
card-ended = Ended { RELATIVE($ms) }
card-cancel-note = Cancelling now throws the video away and gives nothing back.

# Why nothing moves.
hindrance-paused = Paused by this bot's owner. Your place in the queue is kept.
hindrance-provider-down = The video provider has trouble right now. Your place in the queue is kept, it goes on by itself.
hindrance-provider-key = The video provider doesn't let me in right now. My owner knows; your place in the queue is kept.
hindrance-provider-money = My credit with the video provider is used up. My owner knows; your place in the queue is kept.
hindrance-slow = This takes longer than usual. It is still being made, I keep looking.
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
result-elsewhere = The place you asked in can't be reached any more, so here it is.
result-link = The file is too large for Discord here. [Watch or save it]({ $url }) within three days.

# The news of an end, in a message of its own.
notice-failed = { $user } your video couldn't be made.
notice-rejected = { $user } a moderator declined your video.
notice-rejected-reason = The reason: { $reason }
notice-cancelled =
    { $by ->
        [moderator] { $user } a moderator cancelled your video.
        [time] { $user } your video wasn't confirmed in 15 minutes, so I dropped it.
       *[self] { $user } your video is cancelled.
    }
notice-uncertain = { $user } it is **uncertain** whether your video is being made: the provider's answer was lost.
notice-uncertain-next = To be safe it isn't sent again by itself. My owner is told and will settle it; you don't have to do anything. Until then it counts, for 24 hours at most.
quota-back = It doesn't count: you have that video back.
quota-kept = It counts as one of your videos.

# Why it failed, and what to do.
failure-content = The provider refused it for its content. Word it more gently or use other pictures, then try again.
failure-content-input = The provider refused a picture, clip or sound for its content. Use another one and try again.
failure-content-person = The provider refused it because it shows a real person. Use pictures without recognisable people and try again.
failure-content-trademark = The provider refused it for a brand or a protected figure. Leave it out and try again.
failure-content-result = The provider made the video, then refused to hand it over for what it shows. Word it more gently and try again.
failure-media = The provider couldn't load one of your files. Save it anew as JPEG, PNG or MP4 and try again.
failure-refused-media = These files won't do:
failure-busy = The provider is too busy right now. Try again in a few minutes.
failure-money = My credit with the provider is used up. My owner is told; try again later.
failure-parameters = The provider doesn't take this combination of settings. Try another length or shape, or another model.
failure-too-long = The provider didn't finish it in time, so I gave up waiting. Try again, perhaps with a shorter video.
failure-result-unreachable = The video was made, but it couldn't be fetched from the provider. Try again, or ask whoever runs this bot about it.
failure-undeliverable = The video was made, but there was nowhere to post it. Make sure I may send messages and files where you ask, then try again.
failure-unseen = I couldn't show you that I had taken it: there was nowhere to post its progress. Nothing was spent. Make sure I may send messages where you ask, then try again.
failure-unknown = The provider gave no reason I understand. Trying again often helps; if not, change the prompt or the pictures a little.

# Lines for the log channel and direct messages to owners.
place-direct = a direct message
log-uncertain = ❔ Video { $id } of { $user } is **uncertain**: the provider's answer was lost. It isn't sent again by itself. { COMMAND("owner uncertain") } settles it.
log-undeliverable = 📭 Video { $id } of { $user } is made but couldn't be delivered anywhere, last tried: { $place }.
log-unverified = ❔ Whether video { $id } of { $user } arrived can't be known, because I may not read the history there: { $place }. It isn't posted a second time.
log-not-hidden = ⚠️ The reported video { $id } of { $user } isn't hidden: Discord refuses to change its message. I keep trying. To take it down now, **Reject** it on its card, or use **Delete** under **More**.
alarm-provider-down = ⚠️ The video provider has been failing for a while. New requests wait in the queue and go on by themselves when it answers again.
alarm-provider-key = ⚠️ The video provider refuses the API key. Every request is kept. Check `SEEDANCE_API_KEY`, then restart me.
alarm-provider-money = ⚠️ The balance with the video provider is used up. New requests wait in the queue and go on by themselves once it is topped up.
