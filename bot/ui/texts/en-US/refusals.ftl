# What a member reads when something can't be done: what it is, and what to do next.

refused-server = This server isn't allowed to make videos with me yet. Ask this bot's owner to add server { $guild }.
refused-bot-permissions = I can't post a video here: I'm missing { $missing }. Ask a server manager to allow it for me in this channel, or try another channel.
refused-member-permissions = You need { $missing } in this channel to make videos here. Try another channel, or ask a moderator.
refused-channel =
    { $count ->
        [0] Videos can't be made in any channel of this server yet. Ask a server manager.
        [one] I can't be used in this channel. Try { $channels }.
       *[other] I can't be used in this channel. Try one of these: { $channels }.
    }
refused-channel-unseen = Videos aren't made in this channel. Ask someone who manages this server where they are.
refused-model =
    { $count ->
        [0] { $model } isn't allowed here, and neither is any other model. Ask a server manager.
       *[other] { $model } isn't allowed here. You can use: { $models }.
    }
refused-unknown-model = There is no model called { $model }. Pick one from the list that opens as you type in `model`, or see { COMMAND("video models") }.
refused-frames-missing = Add the first frame, the last frame or both: run { COMMAND("video frames") } again with `first` or `last` filled in.
refused-unknown-id = I can't find a video { $id } of yours here. { COMMAND("video list") } shows them all.
refused-too-late =
    { $state ->
        [posted] { $id } has already been posted, so there is nothing left to cancel.
        [cancelled] { $id } has already been cancelled.
        [failed] { $id } has already ended: it couldn't be made.
        [rejected] { $id } has already ended: a moderator rejected it.
        [uncertain] { $id } can't be cancelled: it is uncertain whether the provider has it, and this bot's owner is looking into it.
       *[other] { $id } is too far along to be cancelled.
    }
refused-not-yours = Only the member who requested this video, or a moderator, can do that.
refused-moderators-only = Only moderators can do that here: members with Manage Messages or this server's moderator role.
refused-managers-only = Only members with Manage Server can do that here.
refused-disk-full = I have no storage left for more videos right now: { $limit } are almost full. Try again later, or tell this bot's owner.
refused-member-room = Your files take up { $used } of the { $limit } that one member may use here, and these would add { $needed }. Send files of up to { $left } in all, or delete old videos of yours with **More** → **Delete** first.
refused-try-again = That didn't work just now, and nothing was counted. Try again in a minute.
refused-server-only = I only work in servers. Use me in one of your servers.
refused-button-gone = This button no longer works. { COMMAND("video list") } shows where your videos stand.
refused-form-gone = This form was open for too long and has expired. Please run the command again.
refused-command-gone = This command has changed. Reload Discord, then try again.
refused-unexpected = Something went wrong on my side. { COMMAND("video list") } shows whether your request arrived; if not, try again. If it keeps happening, tell this bot's owner the number { $number }.

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
