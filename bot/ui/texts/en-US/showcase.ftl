# Votes for posted videos, the showcase, and /video top.

command-video-top = top
    .description = The best-voted videos of this server, with links

option-showcase_channel = showcase_channel
    .description = Where videos with enough stars are forwarded; videos get a star button
option-showcase_votes = showcase_votes
    .description = How many stars bring a video into the showcase
option-showcase_monthly = showcase_monthly
    .description = Post the five best-voted videos of each month there, on the first

button-take-out = Take out of the showcase

vote-done =
    { $is_given ->
        [yes] ⭐ Your star counts. { $count ->
            [one] This video has one star now.
           *[other] This video has { $count } stars now.
        } Press again to take yours back.
       *[no] Your star is taken back. { $count ->
            [0] This video has none now.
            [one] This video has one star now.
           *[other] This video has { $count } stars now.
        }
    }
take-out-done = { $id } is out of the showcase and won't come back. The video itself stays where it is.

top-title =
    { $days ->
        [one] ⭐ **Best-voted videos of today**
       *[other] ⭐ **Best-voted videos of the last { $days } days**
    }
top-empty =
    { $days ->
        [one] No video of today has a star yet.
       *[other] No video of the last { $days } days has a star yet.
    } Where this server has a showcase, press ⭐ under a video you like.
showcase-monthly =
    ⭐ **The best-voted videos of { $month }**
    { $lines }

refused-no-showcase = This server has no showcase at the moment, so stars don't count.
refused-vote-own = That is your own video. Stars come from others: yours can go to theirs.
refused-vote-late = This video is older than { $days } days and takes no stars any more. Newer ones do.
refused-not-in-showcase = This video isn't in the showcase, so there is nothing to take out.

settings-group-showcase = Showcase
settings-says-showcase-channel =
    { $value ->
        [none] **No showcase**: videos have no star button
       *[other] Videos with enough stars go to { $value }
    }
settings-says-showcase-votes =
    { $value ->
        [one] **1 star** is enough
       *[other] **{ $value } stars** are enough
    }
settings-says-showcase-monthly =
    { $value ->
        [on] The five best of a month: **posted** on the first
       *[off] The five best of a month: **not posted**
    }
setup-menu-showcase-channel = Showcase channel

decision-showcase-removed = 🌑 out of the showcase
log-decision-showcase-removed = 🌑 **Taken out of the showcase** · { $id } · { $user } · by { $by }
log-showcase-failed = ⚠️ I couldn't forward { $id } to the showcase { $place }. Give me View Channel, Send Messages and Read Message History there, or choose another channel with { COMMAND("videoadmin settings") }.
log-showcase-unknown = ⚠️ { $id } may or may not be in the showcase { $place }: I can't read the messages there, so I don't forward it a second time. Give me Read Message History there for the next ones.
