# For owners alone: /owner status, pause, resume, uncertain.

refused-owner-only = Only this bot's owner can do that, and only in the owner's own server.
refused-task-id-missing = Give at least one task id, or close the form.
refused-task-id = That is no task id for { $id }: it has no spaces and at most { $limit } characters.
refused-task-id-twice = The task id given for { $id } is given for another video too. Each task made one video.
refused-task-id-taken = The task id given for { $id } belongs to { $holder } already. Each task made one video.

# To /owner status.
owner-title = How I'm doing
owner-well = ✅ All is well.
owner-paused = ⏸️ Paused since { MOMENT($ms) }: nothing new goes to the provider. { COMMAND("owner resume") } lets it go on.
owner-trouble =
    { $trouble ->
        [provider-key] ⚠️ The provider has refused the API key since { MOMENT($ms) }. Check `SEEDANCE_API_KEY`; new requests wait.
        [provider-money] ⚠️ The balance with the provider has been used up since { MOMENT($ms) }. New requests wait until it is topped up.
       *[provider-down] ⚠️ The provider has been failing since { MOMENT($ms) }. New requests wait and go on by themselves.
    }
owner-throttled = ⏳ The provider asked for patience until { RELATIVE($ms) }.
owner-balance-low =
    { $left ->
        [none] ⚠️ The balance with the provider is low.
        [one] ⚠️ The balance with the provider is low: enough for about one more video.
       *[other] ⚠️ The balance with the provider is low: enough for about { $left } more videos.
    }
owner-disk-full = ⚠️ The disk is nearly full, so new requests are refused. Make room, or raise `DATA_MAX_GB`.
owner-no-worker = ⚠️ No worker has been heard of in the last 30 seconds: nothing moves until one runs.
owner-has-uncertain =
    { $count ->
        [one] ❔ One video is uncertain. { COMMAND("owner uncertain") } settles it.
       *[other] ❔ { $count } videos are uncertain. { COMMAND("owner uncertain") } settles them.
    }

owner-spent = Spent
owner-spent-month = This month: { $what }
owner-spent-today = Today: { $what }
owner-spent-zone = Days and months are in UTC. What is under way counts.
owner-requests = Requests
owner-count = { $state }: { $count }
owner-owed =
    { $count ->
        [one] One message is still to be delivered.
       *[other] { $count } messages are still to be delivered.
    }
owner-failures = Failures
owner-failures-day = Last 24 hours: { $what }
owner-failures-week = Last 7 days: { $what }
owner-failures-none = none
owner-cause =
    { $cause ->
        [content] content
        [content-input] a file's content
        [content-person] a real person
        [content-trademark] a brand
        [content-result] the result's content
        [media] files the provider couldn't load
        [refused-media] files that won't do
        [busy] provider busy
        [money] balance used up
        [parameters] wrong settings
        [too-long] not ready in time
        [result-unreachable] result couldn't be fetched
        [result-damaged] result didn't play
        [undeliverable] nowhere to post
        [not-run] never ran
       *[unknown] unknown
    } { $count }
owner-provider = Provider
owner-provider-well = Answers.
owner-provider-trouble = In trouble since { RELATIVE($ms) }, { $failures } failures in a row.
owner-balance =
    { $left ->
        [none] Balance: { $amount }
        [one] Balance: { $amount }, about one more video
       *[other] Balance: { $amount }, about { $left } more videos
    }
owner-balance-unlimited = Balance: the key has no limit of its own
owner-balance-silent = Balance: the provider names none
owner-balance-key = Balance: the provider refuses the key
owner-balance-down = Balance: the provider doesn't answer right now
owner-disk = Disk
owner-disk-used = { $used } of { $limit } GB used, { $free } GB free on the disk
owner-workers = Workers
owner-worker = { $host }, seen { RELATIVE($ms) }
owner-versions = Versions

# To /owner pause and /owner resume.
owner-pause-done = **Paused.** Nothing new goes to the provider. New requests are taken and wait, and their cards say so. { $running ->
        [0] Nothing is being made right now.
        [one] One video that is being made already goes on.
       *[other] { $running } videos that are being made already go on.
    } { COMMAND("owner resume") } lets everything go on.
owner-pause-already = It was paused already; nothing has changed. { COMMAND("owner resume") } lets everything go on.
owner-resume-done = **Going on.** { $waiting ->
        [0] Nothing was waiting.
        [one] One video that waited goes to the provider now, as slots are free.
       *[other] { $waiting } videos that waited go to the provider now, as slots are free.
    }
owner-resume-already = It wasn't paused; nothing has changed.

# To /owner uncertain.
uncertain-title =
    { $count ->
        [0] Nothing is uncertain
        [one] One uncertain video
       *[other] { $count } uncertain videos
    }
uncertain-none = Every answer of the provider has arrived, or has been settled.
uncertain-about = The provider's answer was lost, so it may be making these or not. Look at its own list of tasks, then choose below. Members get their count back after 24 hours; the cost stays reserved until you settle it.
uncertain-sent = Sent { MOMENT($ms) }
uncertain-where = { $guild } · { $user }
uncertain-cost = { $price } reserved
uncertain-words = Provider: { $text }
uncertain-task = Task id: { $task }
uncertain-choose = Choose what to settle
uncertain-choose-all = All { $count } of them
uncertain-chosen =
    { $count ->
        [one] What became of it?
       *[other] What became of these { $count }?
    }
uncertain-chosen-more =
    { $count ->
        [one] … and one more.
       *[other] … and { $count } more.
    }
uncertain-explain = **It ran**: give the provider's task id; the video is fetched and delivered. **It didn't run**: the count and the cost are released and the member is told. **Send again**: the provider gets it anew.
uncertain-sure-again =
    { $count ->
        [one] **Send it again?** The provider makes it anew and bills it. If it had taken it the first time, you pay twice.
       *[other] **Send these { $count } again?** The provider makes them anew and bills them. Those it had taken the first time are paid twice.
    }
uncertain-sure-again-cost = It may cost { $price } more.
uncertain-sure-not = **None of these { $count } ran?** Their counts and costs are released and their members are told.
button-uncertain-ran = It ran
button-uncertain-not = It didn't run
button-uncertain-again = Send again
button-uncertain-back = Back
button-confirm = Confirm
uncertain-form = The provider's task ids
uncertain-form-task = Task id of { $id }
uncertain-done-ran =
    { $count ->
        [one] ✅ One video is followed and delivered when it is ready.
       *[other] ✅ { $count } videos are followed and delivered when they are ready.
    }
uncertain-done-not =
    { $count ->
        [one] ✅ One video is released and its member is told.
       *[other] ✅ { $count } videos are released and their members are told.
    }
uncertain-done-again =
    { $count ->
        [one] ✅ One video waits to be sent again.
       *[other] ✅ { $count } videos wait to be sent again.
    }
uncertain-late =
    { $count ->
        [one] One was settled by somebody else before, or has changed since.
       *[other] { $count } were settled by somebody else before, or have changed since.
    }
uncertain-seen =
    { $status ->
        [waiting] { $id }: the provider has it waiting.
        [running] { $id }: the provider is making it.
        [completed] { $id }: the provider has it ready.
        [failed] { $id }: the provider says it failed.
        [missing] { $id }: the provider knows no such task so far. I go on asking; check the id if that doesn't change.
       *[unknown] { $id }: the provider didn't say how it is doing. I go on asking.
    }

failure-not-run = The provider never got it, so it wasn't made. Please ask for it again.
