# Quotas and money: what is left, what is refused, what was set, the report.

refused-quota =
    { $scope ->
        [server] This server has used { $used } of its { $limit }
        [bot] All servers together have used { $used } of my { $limit }
        [role] You have used { $used } of the { $limit } that { $role } gives you
        [everyone] You have used { $used } of the { $limit } that everyone has here
       *[member] You have used { $used } of your { $limit }
    } { $period ->
        [month] this month.
       *[day] in the last 24 hours.
    } { $frees_ms ->
        [0] Ask a server manager if you need more.
       *[other] { $period ->
            [month] The new month starts { RELATIVE($frees_ms) }.
           *[day] You can try again { RELATIVE($frees_ms) }.
        }
    }
refused-quota-none =
    { $scope ->
        [server] This server can't make videos at the moment: its limit is { $limit }
        [bot] I can't make videos at the moment: my limit is { $limit }
        [role] You can't make videos here at the moment: your limit as { $role } is { $limit }
        [everyone] Nobody can make videos here at the moment: everyone's limit is { $limit }
       *[member] You can't make videos here at the moment: your limit is { $limit }
    } { $period ->
        [month] per month.
       *[day] per 24 hours.
    } Ask a server manager.
refused-quota-needs =
    This one needs { $needed }, and { $scope ->
        [server] this server's limit is { $limit }
        [bot] my limit is { $limit }
        [role] your limit as { $role } is { $limit }
        [everyone] everyone's limit here is { $limit }
       *[member] your limit is { $limit }
    } { $period ->
        [month] per month.
       *[day] per 24 hours.
    } { $unit ->
        [videos] Use fewer choices in the prompt.
        [seconds] Choose a shorter duration.
       *[cost] Choose a shorter duration, a lower resolution or another model.
    }
refused-at-once =
    { $active ->
        [one] One of your videos is in progress, and the limit here is { $limit } at once.
       *[other] { $active } of your videos are in progress, and the limit here is { $limit } at once.
    } Try again when one is done; { COMMAND("video list") } shows them.
refused-at-once-all = This prompt makes { $number } videos, the limit here is { $limit } at once, and { $active } of yours are in progress. Use fewer choices, or try again later; { COMMAND("video list") } shows them.
refused-quota-together = This prompt makes { $count } videos at once, and all of them must fit.
refused-cooldown = There is a wait of { $seconds } s between requests here. You can try again { RELATIVE($frees_ms) }.
refused-drafts = You already have { $limit } videos waiting to be confirmed, which is the limit. Confirm or cancel one, or wait: unconfirmed ones are cancelled after 15 minutes.
refused-draft-over = { $id } can't be confirmed any more: drafts expire after 15 minutes. Nothing was counted. Run the command again.
refused-not-yours-alone = Only the member who requested this video can confirm it.
refused-grant-self = You can't give extra videos to yourself. Ask another moderator.
refused-grant-number = { $videos } isn't possible. You can give 1 to { $most } extra videos at a time.
refused-grant-unlimited = { $user } has no limit on videos, so there is nothing to add.
refused-grant-ceiling =
    { $user } can already make { $may ->
        [one] { $may } video
       *[other] { $may } videos
    } in 24 hours, and this server's ceiling is { $limit }. Extra videos can't go past it. A server manager can raise the ceiling up to what this bot's owner allows.
refused-reset-self = You can't reset your own count. Ask another moderator.
refused-amount =
    { $value } isn't an amount I can use. { $unit ->
        [cost] Enter a number such as 2.50, with at most six decimals,
       *[videos] Enter a whole number such as 20,
    } or `unlimited`, or `default` to remove this limit. `0` means none at all.

# To /quota.
quota-now =
    { $whose ->
        [other] { $left ->
            [0] **{ $user } can't make another video right now.**
            [one] **{ $user } can make { $left } more video right now.**
           *[other] **{ $user } can make { $left } more videos right now.**
        }
       *[self] { $left ->
            [0] **You can't make another video right now.**
            [one] **You can make { $left } more video right now.**
           *[other] **You can make { $left } more videos right now.**
        }
    }
quota-unlimited =
    { $whose ->
        [other] **{ $user } can make as many videos as they like.**
       *[self] **You can make as many videos as you like.**
    }
quota-used =
    { $scope ->
        [server] This server: { $used } of { $limit } used
        [bot] All servers together: { $used } of { $limit } used
       *[member] { $used } of { $limit } used
    } { $period ->
        [month] this month
       *[day] in the last 24 hours
    }
quota-source =
    { $scope ->
        [role] limit of the role { $role }
        [everyone] everyone's limit here
        [default] default limit
       *[member] personal limit
    }
quota-next =
    { $unit ->
        [videos] the next one frees up { RELATIVE($ms) }
       *[other] some of it frees up { RELATIVE($ms) }
    }
quota-month = the new month starts { RELATIVE($ms) }
quota-extra =
    { $videos ->
        [one] Includes one extra video until { MOMENT($ms) } ({ RELATIVE($ms) })
       *[other] Includes { $videos } extra videos until { MOMENT($ms) } ({ RELATIVE($ms) })
    }
quota-under-way = In progress now: { $active }
quota-under-way-of = In progress now: { $active } of { $limit } at once
quota-cooldown = Wait between requests: { $seconds } s
quota-cooldown-until = Wait between requests: { $seconds } s; your next is possible { RELATIVE($ms) }

# To /video create, above the server's price to confirm.
draft-price = **This one costs { $price }.** Press **Confirm** to go ahead. Nothing is made or counted before you do.
draft-risen = **It now costs { $price }:** a clip is longer than expected. Press **Confirm** to go ahead anyway.
draft-ask = **Shall I make this one?** Press **Confirm** to go ahead. Nothing is made or counted before you do.
draft-variations =
    { $priced ->
        [yes] **This prompt makes { $count } videos, together for { $price }.**
       *[no] **This prompt makes { $count } videos.**
    } Press **Confirm** to make them all. Nothing is made or counted before you do.
draft-risen-all = **{ $priced ->
        [yes] The { $count } videos now cost { $price } together:
       *[no] The { $count } videos now cost more:
    }** a clip is longer than expected. Press **Confirm** to go ahead anyway.
variations-attached = All prompts in full are in the file.
draft-until = If you don't, it is cancelled { RELATIVE($ms) }.
taken-left-seconds =
    { $left ->
        [one] You have { $left } second of video left.
       *[other] You have { $left } seconds of video left.
    }
taken-left-cost = You have { $left } of your budget left.

# To /videoadmin quota.
limit-set =
    Set for { $subject }: **{ $amount }**{ $unit ->
        [cost] { " " }of cost
        [seconds] { " " }of video
       *[videos] { "" }
    } { $period ->
        [month] per calendar month (UTC).
       *[day] per 24 hours.
    }
limit-removed =
    Removed: the limit of { $subject } on { $unit ->
        [cost] cost
        [seconds] seconds
       *[videos] videos
    } { $period ->
        [month] per calendar month.
       *[day] per 24 hours.
    }
limit-all = Current limits of { $subject }:
limit-line =
    { $amount }{ $unit ->
        [cost] { " " }of cost
        [seconds] { " " }of video
       *[videos] { "" }
    } { $period ->
        [month] per calendar month
       *[day] per 24 hours
    }
limit-unlimited =
    { $unit ->
        [cost] unlimited cost
        [seconds] unlimited seconds
       *[videos] unlimited videos
    }
limit-ceilings = -# A member's personal limit comes first, then that of their best role, then everyone's, then the default. The ceilings of the server and the bot apply to all.

# To /videomod grant and reset.
grant-done =
    { $videos ->
        [one] { $user } can make one more video until { MOMENT($ms) } ({ RELATIVE($ms) }).
       *[other] { $user } can make { $videos } more videos until { MOMENT($ms) } ({ RELATIVE($ms) }).
    }
grant-cut = That is less than the { $asked } you entered, because this server's ceiling is { $ceiling } per 24 hours.
reset-done = The count of { $user } is reset. What was spent stays on record, and still counts for this server.

# To /videomod report.
report-title =
    { $days ->
        [one] Today (UTC)
       *[other] The last { $days } days (UTC)
    }
report-empty = Nobody made a video in this time.
report-posted =
    { $count ->
        [one] { $count } video
       *[other] { $count } videos
    }
report-failed = { $count } failed
report-other = { $count } other
report-under-way = { $active } in progress now
report-billed = { $cost } of it as the provider billed
report-flagged =
    Safety check: of { $count } flagged and decided, moderators rejected { $rejected } ({ $bands })
report-flagged-band = { $from }–{ $to }%: { $rejected } of { $count }
report-cut = Only the newest { $rows } requests are counted here. Choose fewer days.
report-no-chart = The chart can't be drawn right now; the figures are all here.
report-members = Members
report-member = { $user }: { $sums }
report-more =
    { $count ->
        [one] and one more member, in the file
       *[other] and { $count } more members, in the file
    }
report-deleted = members whose data was deleted
report-failures = What failed
report-cause = { $cause }: { $count }
report-footer = Other: cancelled, rejected, uncertain or in progress. The file lists every request.
report-alt =
    Bar chart of requests by day from { $first } to { $last }. { $posted } posted, { $failed } failed, { $other } other{ $has_cost ->
        [yes] , { $cost } in all
       *[no] { "" }
    }. Most on { $busiest }: { $most }.
chart-videos = Requests per day
chart-cost = Cost per day in { $currency }
chart-posted = posted
chart-failed = failed
chart-other = other

cause-content = refused for its content
cause-content-input = a picture, clip or sound was refused
cause-content-person = shows a real person
cause-content-trademark = brand or protected character
cause-content-result = the finished video was refused
cause-media = a file couldn't be loaded
cause-refused-media = unusable files
cause-busy = provider too busy
cause-money = out of credit
cause-parameters = settings not accepted
cause-too-long = not ready in time
cause-result-unreachable = finished video couldn't be downloaded
cause-result-damaged = finished video didn't play
cause-undeliverable = nowhere to post it
cause-blocked = member blocked meanwhile
cause-channel-closed = channel no longer allowed
cause-flagged = file flagged, no review channel
cause-flagged-result = video flagged, no review channel
cause-model-closed = model no longer allowed
cause-not-served = server no longer served
cause-other = other reasons

# Lines for the log channel, and direct messages to owners.
log-quota =
    ⚙️ **Limit changed** · { $subject } · { $unit ->
        [cost] cost
        [seconds] seconds
       *[videos] videos
    } { $period ->
        [month] per calendar month
       *[day] per 24 hours
    }: { $amount ->
        [default] back to default
        [unlimited] unlimited
       *[other] { $amount }
    } · by { $by }
log-grant =
    🎁 **Extra videos** · { $user } · { $videos ->
        [one] { $videos } video
       *[other] { $videos } videos
    } until { MOMENT($ms) } · by { $by }
log-reset = 🔄 **Count reset** · { $user } · by { $by }
log-budget-server = ⚠️ This server has used { $percent }% of its budget for this month: { $used } of { $limit }. At 100%, requests are refused until the new month starts { RELATIVE($ms) }.
log-budget-bot = ⚠️ { $percent }% of my budget for this month is used, over all servers. At 100%, requests are refused until the new month starts { RELATIVE($ms) }.
alarm-budget = ⚠️ { $percent }% of this month's budget is used: { $used } of { $limit }. At 100%, requests are refused until the new month starts { RELATIVE($ms) }.
