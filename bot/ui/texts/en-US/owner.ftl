# For owners alone: /owner status, pause, resume, uncertain.

refused-owner-only = Only this bot's owner can do that, and only in the server set for it.
refused-task-id-missing = Enter at least one task id, or close the form.
refused-task-id = What you entered for { $id } isn't a task id. A task id has no spaces and at most { $limit } characters.
refused-task-id-twice = You entered the same task id for { $id } and for another video. Each task made only one video.
refused-task-id-taken = The task id you entered for { $id } already belongs to { $holder }. Each task made only one video.

# To /owner status.
owner-title = Status
owner-well = ✅ All is well.
owner-paused = ⏸️ Paused since { MOMENT($ms) }: nothing new goes to the provider. Continue with { COMMAND("owner resume") }.
owner-store-away = ⚠️ The media store doesn't answer. Requests wait and continue when it does: check `MEDIA_STORE` and its `AWS_…` settings with `video-bot doctor`.
owner-trouble =
    { $trouble ->
        [provider-key] ⚠️ The provider has refused the API key since { MOMENT($ms) }. Check `SEEDANCE_API_KEY`; new requests wait.
        [provider-money] ⚠️ The balance with the provider ran out on { MOMENT($ms) }. New requests wait until it is topped up.
       *[provider-down] ⚠️ The provider has been failing since { MOMENT($ms) }. New requests wait and continue when it answers again.
    }
owner-throttled = ⏳ The provider is rate-limiting; I continue { RELATIVE($ms) }.
owner-balance-low =
    { $left ->
        [none] ⚠️ The balance with the provider is low.
        [one] ⚠️ The balance with the provider is low: enough for about one more video.
       *[other] ⚠️ The balance with the provider is low: enough for about { $left } more videos.
    }
owner-disk-full = ⚠️ Storage is nearly full, so new requests are refused. Make room, or raise `DATA_MAX_GB`.
owner-no-worker = ⚠️ No worker has reported in the last 30 seconds. Nothing is made until one runs.
owner-shards-down =
    { $count ->
        [one] ⚠️ Shard { $which } has had no connection to Discord since { MOMENT($ms) }, so its servers get no answer. Look at its gateway's log.
       *[other] ⚠️ Shards { $which } have no connection to Discord, the first since { MOMENT($ms) }, so their servers get no answer. Look at their gateways' logs.
    }
owner-shards-missing =
    { $count ->
        [one] ⚠️ No gateway runs shard { $which }, so its servers get no answer. Start one with it in `SHARDS`.
       *[other] ⚠️ No gateway runs shards { $which }, so their servers get no answer. Start one with them in `SHARDS`.
    }
owner-has-uncertain =
    { $count ->
        [one] ❔ One video is uncertain. Settle it with { COMMAND("owner uncertain") }.
       *[other] ❔ { $count } videos are uncertain. Settle them with { COMMAND("owner uncertain") }.
    }

owner-has-restored =
    { $count ->
        [one] ❔ One of them was parked by a restore.
       *[other] ❔ { $count } of them were parked by a restore.
    }
owner-queue-late = ⏳ The oldest request in the queue has been waiting since { MOMENT($ms) }. `SEEDANCE_MAX_ACTIVE` may be too low.
owner-messages-late = ⏳ A message has been waiting for its delivery since { MOMENT($ms) }. The log says why.
owner-backup-late = 💾 The last backup was made on { MOMENT($ms) }.
owner-spent = Spent
owner-spent-month = This month: { $what }
owner-spent-today = Today: { $what }
owner-requests = Requests
owner-count = { $state }: { $count }
owner-owed =
    { $count ->
        [one] One message is waiting to be delivered.
       *[other] { $count } messages are waiting to be delivered.
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
        [refused-media] unusable files
        [busy] provider busy
        [money] out of credit
        [parameters] settings not accepted
        [too-long] not ready in time
        [result-unreachable] result couldn't be downloaded
        [result-damaged] result didn't play
        [undeliverable] nowhere to post
        [not-run] never ran
        [blocked] member blocked meanwhile
        [channel-closed] channel no longer allowed
        [model-closed] model no longer allowed
        [not-served] server no longer served
       *[unknown] unknown
    } { $count }
owner-provider = Provider
owner-provider-well = Answering normally.
owner-provider-trouble =
    Trouble began { RELATIVE($ms) }, { $failures ->
        [one] { $failures } failure
       *[other] { $failures } failures
    } in a row.
owner-balance =
    { $left ->
        [none] Balance: { $amount }
        [one] Balance: { $amount }, about one more video
       *[other] Balance: { $amount }, about { $left } more videos
    }
owner-balance-unlimited = Balance: the key has no limit
owner-balance-silent = Balance: the provider doesn't report one
owner-balance-key = Balance: the provider refuses the key
owner-balance-down = Balance: the provider doesn't answer right now
owner-disk = Storage
owner-disk-used = { $used } of { $limit } GB used, { $free } GB free on the disk
owner-workers = Workers
owner-shards = Shards
owner-shards-connected = { $count } of { $total } connected

# To /owner pause and /owner resume.
owner-pause-done = **Paused.** Nothing new goes to the provider. New requests are accepted and wait, and their cards say so. { $running ->
        [0] Nothing is being made right now.
        [one] One video that is already being made continues.
       *[other] { $running } videos that are already being made continue.
    } Continue with { COMMAND("owner resume") }.
owner-pause-already = It was already paused; nothing has changed. Continue with { COMMAND("owner resume") }.
owner-resume-done = **Resumed.** { $waiting ->
        [0] Nothing was waiting.
        [one] One waiting video goes to the provider as soon as there is a free slot.
       *[other] { $waiting } waiting videos go to the provider as slots become free.
    }
owner-resume-already = It wasn't paused; nothing has changed.

# To /owner uncertain.
uncertain-title =
    { $count ->
        [0] Nothing is uncertain
        [one] One uncertain video
       *[other] { $count } uncertain videos
    }
uncertain-none = The provider has answered every request, or it has been settled.
uncertain-about = The provider's answer was lost, so it may or may not be making these. Look at its own list of tasks, then choose below. Members get their count back after 24 hours; the cost stays reserved until you settle it.
uncertain-about-restored =
    { $count ->
        [one] The database was restored from a copy. One of these waited when the copy was made; since then it may have been approved, paid and posted.
       *[other] The database was restored from a copy. { $count } of these waited when the copy was made; since then they may have been approved, paid and posted.
    } Compare with the provider's list of tasks. Nothing is sent automatically.
uncertain-parked =
    { $state ->
        [held] Parked { MOMENT($ms) } · waited for a moderator in the copy
        [auditing] Parked { MOMENT($ms) } · its files were in review in the copy
       *[queued] Parked { MOMENT($ms) } · waited for the provider in the copy
    }
uncertain-sent = Sent { MOMENT($ms) }
uncertain-where = { $guild } · { $user }
uncertain-cost = { $price } reserved
uncertain-words = Provider: { $text }
uncertain-task = Task id: { $task }
uncertain-choose = Choose what to settle
uncertain-choose-all = All { $count } of them
uncertain-chosen =
    { $count ->
        [one] What happened to it?
       *[other] What happened to these { $count }?
    }
uncertain-chosen-more =
    { $count ->
        [one] … and one more.
       *[other] … and { $count } more.
    }
uncertain-explain = **It ran**: enter the provider's task id; the video is downloaded and delivered. **It didn't run**: the count and the cost are released and the member is told. **Send again**: it is sent to the provider again.
uncertain-explain-restored = **It ran**: enter the provider's task id; the video is looked for in its channel and delivered if it isn't there. **It didn't run**: the count and the cost are released and the member is told. **It may go**: it goes on where it was in the copy, and is paid when it is sent.
uncertain-sure-go =
    { $count ->
        [one] **May it go?** It goes on where it was in the copy. If it was sent after the copy was made, you pay twice.
       *[other] **May these { $count } go?** They go on where they were in the copy. You pay twice for those that were sent after the copy was made.
    }
uncertain-sure-again =
    { $count ->
        [one] **Send it again?** The provider makes it again and bills you for it. If the first request did arrive, you pay twice.
       *[other] **Send these { $count } again?** The provider makes them again and bills you for them. You pay twice for those that did arrive the first time.
    }
uncertain-sure-again-cost = It may cost { $price } more.
uncertain-sure-not = **None of these { $count } ran?** Their counts and costs are released and the members are told.
button-uncertain-ran = It ran
button-uncertain-not = It didn't run
button-uncertain-again = Send again
button-uncertain-go = It may go
button-uncertain-go-all = All may go
button-uncertain-back = Back
button-confirm = Confirm
uncertain-form = The provider's task ids
uncertain-form-task = Task id of { $id }
uncertain-done-ran =
    { $count ->
        [one] ✅ One video is being tracked and will be delivered when it is ready.
       *[other] ✅ { $count } videos are being tracked and will be delivered when they are ready.
    }
uncertain-done-not =
    { $count ->
        [one] ✅ One video is released and the member is told.
       *[other] ✅ { $count } videos are released and the members are told.
    }
uncertain-done-again =
    { $count ->
        [one] ✅ One video is queued to be sent again.
       *[other] ✅ { $count } videos are queued to be sent again.
    }
uncertain-late =
    { $count ->
        [one] One has already been settled by somebody else, or has changed.
       *[other] { $count } have already been settled by somebody else, or have changed.
    }
uncertain-refused = { $id } stays uncertain, it can't be sent again now: { $why }
uncertain-seen =
    { $status ->
        [waiting] { $id }: it is queued at the provider.
        [running] { $id }: the provider is making it.
        [completed] { $id }: it is ready at the provider.
        [failed] { $id }: the provider says it failed.
        [missing] { $id }: the provider doesn't know this task yet. I keep asking; check the id if that doesn't change.
       *[unknown] { $id }: the provider gave no status. I keep asking.
    }

failure-not-run = It never reached the provider, so it wasn't made. Please request it again.

# The evidence in /owner uncertain.
evidence-none = 🔎 It isn't known what the key had used before or after it, so there is no evidence.
evidence-early = 🔎 The key's use hasn't risen, and is watched. If that stays so until { MOMENT($ms) } ({ RELATIVE($ms) }), it wasn't billed.
evidence-busy = 🔎 Other videos were in progress whose cost isn't known for sure, so the key's use says nothing yet.
evidence-not-billed = 🔎 **Not billed**, it seems: from { MOMENT($since_ms) } to { MOMENT($after_ms) } the key's use rose only by what other videos cost.
evidence-billed = 🔎 **Billed**, it seems: the key's use rose by { $amount }, its price. Look for the task in the provider's list.
evidence-other =
    { $direction ->
        [up] 🔎 The key's use rose by { $amount }, which isn't its price.
       *[down] 🔎 The key's use fell by { $amount }, so it says nothing.
    }
evidence-shared = -# Others may use this key. If nobody does, set SEEDANCE_KEY_EXCLUSIVE=yes, and what wasn't billed is settled automatically.

# To /owner bill.
refused-month = “{ $month }” isn't a month. Write it like { $example }, or leave it out for this month.
refused-month-ahead = { $month } hasn't begun yet. Choose a month up to { $example }.
bill-title = Bill of { $month } (UTC)
bill-explained = ✅ **Every coin is explained**: the key has used what this bot's videos cost.
bill-others = ⚠️ The key has used **{ $amount } more** than this bot's videos cost. Somebody else may use it.
bill-others-perhaps = Videos named below without a cost may be a part of that.
bill-less = ⚠️ The key has used **{ $amount } less** than this bot's videos cost. The provider may bill late, or have begun before the first note.
bill-key-unknown = ❔ What the key has used in this month isn't known, so the costs can't be compared with it.
bill-by-price =
    { $count ->
        [one] One video is booked by its price, because the provider said no cost.
       *[other] { $count } videos are booked by their prices, because the provider said no cost.
    }
bill-cut = Only the newest 20,000 videos are listed.
bill-no-currency = -# Amounts are in the provider's unit; CURRENCY isn't set.
bill-ledger = Ledger
bill-booked =
    { $count ->
        [one] Booked **{ $amount }** for one video
       *[other] Booked **{ $amount }** for { $count } videos
    }
bill-booked-cost = { $amount } as the provider billed ({ $count })
bill-booked-price = { $amount } by price ({ $count })
bill-booked-reserved = { $amount } reserved for videos in progress ({ $count })
bill-provider = Provider
bill-costs = Costs said in that time: **{ $amount }**
bill-elsewhere = { $amount } of that for videos of other months
bill-key-silent = Key: not known
bill-key = Key used **{ $amount }** from { MOMENT($since_ms) } to { MOMENT($until_ms) }
bill-rest = Difference: **{ $amount }**
bill-differences =
    { $count ->
        [one] One video that differs
       *[other] { $count } videos that differ
    }
bill-page = Page { $page } of { $pages } · The file lists every video.
bill-uncertain = ❔ { $id } uncertain: { $booked } reserved
bill-unsaid = { $id } without the provider's cost: { $booked } booked
bill-refunded = { $id } refunded { $refunded }: cost { $cost }
bill-unbilled = { $id } failed and cost nothing
bill-changed = { $id } price { $price }, cost { $cost }
