# What a member reads when something can't be done: what it is, and what to do next.

refused-server = This server hasn't been cleared to make videos with me. Ask whoever runs this bot to add server { $guild }.
refused-bot-permissions = I can't deliver a video here: I lack { $missing }. Ask someone who manages this server to give me that in this channel, or try another channel.
refused-member-permissions = You need { $missing } in this channel to make videos here. Try another channel, or ask a moderator.
refused-channel =
    { $count ->
        [0] Videos may not be made in any channel of this server yet. Ask someone who manages it.
        [one] Videos aren't made in this channel. Ask me in { $channels }.
       *[other] Videos aren't made in this channel. Ask me in one of these: { $channels }.
    }
refused-channel-unseen = Videos aren't made in this channel. Ask someone who manages this server where they are.
refused-model =
    { $count ->
        [0] { $model } may not be used here, and no other model may either. Ask someone who manages this server.
       *[other] { $model } may not be used here. These may: { $models }.
    }
refused-unknown-model = There is no model { $model }. Pick one from the list that opens as you type in `model`, or look at { COMMAND("video models") }.
refused-frames-missing = Give me the first frame, the last one, or both: run { COMMAND("video frames") } again with `first` or `last` filled in.
refused-unknown-id = I know no video { $id } of yours here. { COMMAND("video list") } shows them all.
refused-too-late =
    { $state ->
        [posted] { $id } has been posted already, so there is nothing left to cancel.
        [cancelled] { $id } has been cancelled already.
        [failed] { $id } has ended already: it couldn't be made.
        [rejected] { $id } has ended already: a moderator declined it.
        [uncertain] { $id } can't be cancelled: it is uncertain whether the provider has it, and this bot's owner is looking into it.
       *[other] { $id } is too far along to be cancelled.
    }
refused-not-yours = Only the member who asked for this video, or a moderator, can do that.
refused-moderators-only = Only moderators may do that here: members with Manage Messages, or with this server's moderator role.
refused-managers-only = Only members with Manage Server may do that here.
refused-disk-full = I have no room for more videos right now: { $limit } are nearly used up. Try again later, or tell whoever runs this bot.
refused-try-again = I couldn't do that just now, and nothing was counted. Try again in a minute.
refused-server-only = I only work inside servers.
refused-button-gone = This button has had its day. { COMMAND("video list") } shows your videos as they are now.
refused-form-gone = This form was open for too long, so I couldn't take it. Run the command again, please.
refused-command-gone = This command has changed. Reload Discord, then try again.
refused-unexpected = Something went wrong on my side. { COMMAND("video list") } shows whether your request was taken; if not, try again. Tell whoever runs this bot the number { $number } if it keeps happening.

amount-videos =
    { $count ->
        [one] { $count } video
       *[other] { $count } videos
    }
amount-seconds =
    { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }
amount-other = { $amount } { $currency }

permission-view-channel = View Channel
permission-send-messages = Send Messages
permission-send-messages-in-threads = Send Messages in Threads
permission-attach-files = Attach Files
permission-read-message-history = Read Message History
permission-embed-links = Embed Links
permission-manage-messages = Manage Messages
permission-manage-guild = Manage Server
