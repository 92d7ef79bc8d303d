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
        [0] Ask someone who manages this server if that should be more.
       *[other] { $period ->
            [month] The month begins anew { RELATIVE($frees_ms) }.
           *[day] There is room again { RELATIVE($frees_ms) }.
        }
    }
refused-quota-none =
    { $scope ->
        [server] This server may not make videos at the moment: its limit is { $limit }
        [bot] I may not make videos at the moment: my limit is { $limit }
        [role] You may not make videos here: your limit, by { $role }, is { $limit }
        [everyone] Nobody may make videos here at the moment: everyone's limit is { $limit }
       *[member] You may not make videos here at the moment: your limit is { $limit }
    } { $period ->
        [month] a month.
       *[day] in 24 hours.
    } Ask someone who manages this server.
refused-quota-needs =
    This one takes { $needed }, and { $scope ->
        [server] this server's limit is { $limit }
        [bot] my limit is { $limit }
        [role] your limit, by { $role }, is { $limit }
        [everyone] everyone's limit here is { $limit }
       *[member] your limit is { $limit }
    } { $period ->
        [month] a month.
       *[day] in 24 hours.
    } { $unit ->
        [seconds] Ask for a shorter video.
       *[cost] Ask for a shorter video, a lower resolution or another model.
    }
refused-at-once =
    { $active ->
        [one] One video of yours is under way, and { $limit } at once is the limit here.
       *[other] { $active } videos of yours are under way, and { $limit } at once is the limit here.
    } Ask again when one is done; { COMMAND("video list") } shows them.
refused-cooldown = Here it takes { $seconds } s from one request to the next. You can ask again { RELATIVE($frees_ms) }.
refused-drafts = { $limit } videos of yours wait to be confirmed already, and that is the limit. Confirm or cancel one, or wait a quarter of an hour: then they go by themselves.
refused-draft-over = { $id } can't be confirmed any more: drafts go after 15 minutes, and nothing was counted. Run the command again.
refused-not-yours-alone = Only the member who asked for this video can confirm it.
refused-grant-self = You can't give extra videos to yourself. Ask another moderator.
refused-grant-number = You gave { $videos }; at once I can give 1 to { $most } extra videos.
refused-grant-unlimited = Nothing limits how many videos { $user } may ask for, so there is nothing to add.
refused-grant-ceiling = { $user } may ask for { $may } videos in 24 hours already, and this server's ceiling is { $limit }. No grant goes past it; a manager can raise the ceiling up to what this bot's owner allows.
refused-reset-self = You can't let your own count start anew. Ask another moderator.
refused-amount =
    { $value } is no amount I can use. { $unit ->
        [cost] Give a number such as 2.50, with at most six decimals,
       *[videos] Give a whole number such as 20,
    } or `unlimited`, or `default` to take the limit back. `0` means none.

# To /quota.
quota-now =
    { $whose ->
        [other] { $left ->
            [0] **{ $user } can't ask for another video right now.**
            [one] **{ $user } can ask for { $left } more video right now.**
           *[other] **{ $user } can ask for { $left } more videos right now.**
        }
       *[self] { $left ->
            [0] **You can't ask for another video right now.**
            [one] **You can ask for { $left } more video right now.**
           *[other] **You can ask for { $left } more videos right now.**
        }
    }
quota-unlimited =
    { $whose ->
        [other] **Nothing limits how many videos { $user } can ask for.**
       *[self] **Nothing limits how many videos you can ask for.**
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
        [role] by the role { $role }
        [everyone] everyone's limit here
        [default] the usual limit
       *[member] a limit of one's own
    }
quota-next =
    { $unit ->
        [videos] the next one frees up { RELATIVE($ms) }
       *[other] some of it frees up { RELATIVE($ms) }
    }
quota-month = the month begins anew { RELATIVE($ms) }
quota-extra =
    { $videos ->
        [one] One extra video is in this, until { MOMENT($ms) } ({ RELATIVE($ms) })
       *[other] { $videos } extra videos are in this, until { MOMENT($ms) } ({ RELATIVE($ms) })
    }
quota-under-way = Under way now: { $active }
quota-under-way-of = Under way now: { $active } of { $limit } at once
quota-cooldown = From one request to the next it takes { $seconds } s
quota-cooldown-until = From one request to the next it takes { $seconds } s; the next can come { RELATIVE($ms) }

# To /video create, above the server's price to confirm.
draft-price = **This one costs { $price }.** Press **Confirm** if that is fine. Nothing is counted and nothing is made before you do.
draft-risen = **It would cost { $price } now:** a clip turned out longer than I could know before. Press **Confirm** if that is fine, too.
draft-until = Without it, I drop this one { RELATIVE($ms) }.
taken-left-seconds =
    { $left ->
        [one] { $left } second of video is left to you.
       *[other] { $left } seconds of video are left to you.
    }
taken-left-cost = { $left } of your budget is left.

# To /videoadmin quota.
limit-set =
    Set for { $subject }: **{ $amount }**{ $unit ->
        [cost] { " " }of cost
        [seconds] { " " }of video
       *[videos] { "" }
    } { $period ->
        [month] in a calendar month (UTC).
       *[day] in 24 hours.
    }
limit-removed =
    Taken back: the limit of { $subject } on { $unit ->
        [cost] cost
        [seconds] seconds
       *[videos] videos
    } { $period ->
        [month] in a calendar month.
       *[day] in 24 hours.
    }
limit-all = Limits of { $subject } now:
limit-line =
    { $amount }{ $unit ->
        [cost] { " " }of cost
        [seconds] { " " }of video
       *[videos] { "" }
    } { $period ->
        [month] in a calendar month
       *[day] in 24 hours
    }
limit-unlimited =
    { $unit ->
        [cost] unlimited cost
        [seconds] unlimited seconds
       *[videos] unlimited videos
    }
limit-ceilings = -# A member's own limit comes before their roles', the best role before everyone's, everyone's before the usual one. The ceilings of server and bot hold for all.

# To /videomod grant and reset.
grant-done =
    { $videos ->
        [one] { $user } may ask for one more video until { MOMENT($ms) } ({ RELATIVE($ms) }).
       *[other] { $user } may ask for { $videos } more videos until { MOMENT($ms) } ({ RELATIVE($ms) }).
    }
grant-cut = That is less than the { $asked } you gave: this server's ceiling is { $ceiling } in 24 hours, and no grant goes past it.
reset-done = The count of { $user } starts anew now. What was spent stays booked, and so does what counts for this server.

# To /videomod report.
report-title =
    { $days ->
        [one] Today (UTC)
       *[other] The last { $days } days (UTC)
    }
report-empty = Nobody asked for a video in this time.
report-posted =
    { $count ->
        [one] { $count } video
       *[other] { $count } videos
    }
report-failed = { $count } failed
report-other = { $count } other
report-under-way = { $active } under way now
report-cut = Only the newest { $rows } requests are counted here. Ask for fewer days.
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
report-footer = Other: cancelled, declined, uncertain or under way. The file has every request.
report-alt =
    Bar chart of requests by day from { $first } to { $last }. { $posted } posted, { $failed } failed, { $other } other{ $has_cost ->
        [yes] , { $cost } in all
       *[no] { "" }
    }. Most on { $busiest }: { $most }.
chart-videos = Requests a day
chart-cost = Cost a day in { $currency }
chart-posted = posted
chart-failed = failed
chart-other = other

cause-content = refused for its content
cause-content-input = a picture, clip or sound was refused
cause-content-person = shows a real person
cause-content-trademark = brand or protected figure
cause-content-result = the finished video was refused
cause-media = a file couldn't be loaded
cause-refused-media = unusable files
cause-busy = provider too busy
cause-money = out of credit
cause-parameters = combination of settings not taken
cause-too-long = not ready in time
cause-result-unreachable = finished video couldn't be fetched
cause-result-damaged = finished video didn't play
cause-undeliverable = nowhere to post it
cause-other = other reasons

# Lines for the log channel, and direct messages to owners.
log-quota =
    ⚙️ { $by } changed the limit of { $subject } on { $unit ->
        [cost] cost
        [seconds] seconds
       *[videos] videos
    } { $period ->
        [month] in a calendar month
       *[day] in 24 hours
    }: { $amount ->
        [default] taken back
        [unlimited] unlimited
       *[other] { $amount }
    }.
log-grant =
    🎁 { $by } gave { $user } { $videos ->
        [one] one extra video
       *[other] { $videos } extra videos
    } until { MOMENT($ms) }.
log-reset = 🔄 { $by } let the count of { $user } start anew.
log-budget-server = ⚠️ This server has used { $percent } % of its budget for this month: { $used } of { $limit }. At 100 % requests are refused until the month begins anew { RELATIVE($ms) }.
log-budget-bot = ⚠️ { $percent } % of my budget for this month is used, over all servers. At 100 % requests are refused until the month begins anew { RELATIVE($ms) }.
alarm-budget = ⚠️ { $percent } % of this month's budget is used: { $used } of { $limit }. At 100 % requests are refused until the month begins anew { RELATIVE($ms) }.
