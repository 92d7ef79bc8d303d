# 额度与费用：还剩多少、为何拒绝、设置了什么、报告。

refused-quota =
    { $scope ->
        [server] 本服务器{ $period ->
            [month] 本月
           *[day] 在过去 24 小时内
        }已用 { $used }，上限为 { $limit }。
        [bot] 所有服务器{ $period ->
            [month] 本月
           *[day] 在过去 24 小时内
        }合计已用 { $used }，我的上限为 { $limit }。
        [role] 你{ $period ->
            [month] 本月
           *[day] 在过去 24 小时内
        }已用 { $used }，身份组 { $role } 给你的上限为 { $limit }。
        [everyone] 你{ $period ->
            [month] 本月
           *[day] 在过去 24 小时内
        }已用 { $used }，这里每个人的上限为 { $limit }。
       *[member] 你{ $period ->
            [month] 本月
           *[day] 在过去 24 小时内
        }已用 { $used }，你的上限为 { $limit }。
    }{ $frees_ms ->
        [0] 如果需要更多，请联系服务器管理员。
       *[other] { $period ->
            [month] 下个月将从 { RELATIVE($frees_ms) } 开始重新计算。
           *[day] { RELATIVE($frees_ms) }会再有名额。
        }
    }
refused-quota-none =
    { $scope ->
        [server] 本服务器目前不能制作视频：
        [bot] 我目前不能制作视频：
        [role] 你不能在这里制作视频：身份组 { $role } 给你的
        [everyone] 这里目前谁都不能制作视频：每个人的
       *[member] 你目前不能在这里制作视频：
    }上限为{ $period ->
        [month] 每月
       *[day] { " " }24 小时内
    } { $limit }。请联系服务器管理员。
refused-quota-needs =
    这个视频需要 { $needed }，而{ $scope ->
        [server] 本服务器的
        [bot] 我的
        [role] 身份组 { $role } 给你的
        [everyone] 这里每个人的
       *[member] 你的
    }上限为{ $period ->
        [month] 每月
       *[day] { " " }24 小时内
    } { $limit }。{ $unit ->
        [seconds] 请改用更短的时长。
       *[cost] 请改用更短的时长、更低的分辨率或其他模型。
    }
refused-at-once = 你有 { $active } 个视频正在进行，这里同时最多 { $limit } 个。等一个完成后再试；{ COMMAND("video list") } 会列出它们。
refused-cooldown = 这里两次请求之间要间隔 { $seconds } 秒。你可以{ RELATIVE($frees_ms) }再请求。
refused-drafts = 你已经有 { $limit } 个视频在等待确认，这是上限。请确认或取消一个，或者等一刻钟：到时它们会自动撤下。
refused-draft-over = { $id } 已无法确认：草稿 15 分钟后撤下，没有计入次数。请重新运行命令。
refused-not-yours-alone = 只有请求这个视频的成员才能确认它。
refused-grant-self = 你不能给自己赠送额外的视频。请找另一位版主。
refused-grant-number = 你填了 { $videos }；一次可以赠送 1 到 { $most } 个额外的视频。
refused-grant-unlimited = { $user } 可以请求的视频数没有上限，所以没有什么可以增加的。
refused-grant-ceiling = { $user } 在 24 小时内已经可以请求 { $may } 个视频，而本服务器的总上限是 { $limit }。赠送不能超过它；管理员可以在机器人所有者允许的范围内提高总上限。
refused-reset-self = 你不能重置自己的次数。请找另一位版主。
refused-amount =
    { $value } 不是我能用的数量。{ $unit ->
        [cost] 请填写像 2.50 这样的数字（最多六位小数）、
       *[videos] 请填写像 20 这样的整数、
    }`unlimited`（不限），或 `default`（恢复默认）。`0` 表示一个也不行。

quota-now =
    { $whose ->
        [other] { $left ->
            [0] **{ $user } 现在不能再请求视频。**
           *[other] **{ $user } 现在还可以请求 { $left } 个视频。**
        }
       *[self] { $left ->
            [0] **你现在不能再请求视频。**
           *[other] **你现在还可以请求 { $left } 个视频。**
        }
    }
quota-unlimited =
    { $whose ->
        [other] **{ $user } 可以请求的视频数没有上限。**
       *[self] **你可以请求的视频数没有上限。**
    }
quota-used =
    { $scope ->
        [server] 本服务器：
        [bot] 所有服务器合计：
       *[member] { "" }
    }{ $period ->
        [month] 本月
       *[day] 过去 24 小时内
    }已用 { $used }，上限 { $limit }
quota-source =
    { $scope ->
        [role] 来自身份组 { $role }
        [everyone] 这里每个人的上限
        [default] 默认上限
       *[member] 单独设置的上限
    }
quota-next =
    { $unit ->
        [videos] 下一个名额{ RELATIVE($ms) }恢复
       *[other] 其中一部分{ RELATIVE($ms) }恢复
    }
quota-month = { RELATIVE($ms) }进入下个月，重新计算
quota-extra = 其中包含 { $videos } 个额外的视频，有效期至 { MOMENT($ms) }（{ RELATIVE($ms) }）
quota-under-way = 正在进行：{ $active } 个
quota-under-way-of = 正在进行：{ $active } 个，同时最多 { $limit } 个
quota-cooldown = 两次请求之间要间隔 { $seconds } 秒
quota-cooldown-until = 两次请求之间要间隔 { $seconds } 秒；下一次可以在{ RELATIVE($ms) }

draft-price = **这个视频的费用为 { $price }。**如果可以，请按**确认**。在你确认之前，不计次数，也不会开始制作。
draft-risen = **现在的费用为 { $price }：**有一个片段比我事先知道的更长。如果仍然可以，请按**确认**。
draft-until = 如果不确认，我会在{ RELATIVE($ms) }撤下它。
taken-left-seconds = 你还剩 { $left } 秒的视频额度。
taken-left-cost = 你的预算还剩 { $left }。

limit-set =
    已为 { $subject } 设置：{ $period ->
        [month] 每个自然月（UTC）
       *[day] 24 小时内
    }{ $unit ->
        [cost] 费用
        [seconds] 视频时长
       *[videos] { "" }
    } **{ $amount }**。
limit-removed =
    已取消 { $subject } 的上限：{ $period ->
        [month] 每个自然月
       *[day] 24 小时内
    }的{ $unit ->
        [cost] 费用
        [seconds] 秒数
       *[videos] 视频数
    }。
limit-all = { $subject } 现在的上限：
limit-line =
    { $period ->
        [month] 每个自然月
       *[day] 24 小时内
    }{ $unit ->
        [cost] 费用
        [seconds] 视频时长
       *[videos] { "" }
    } { $amount }
limit-unlimited =
    { $unit ->
        [cost] 费用不限
        [seconds] 视频时长不限
       *[videos] 视频数不限
    }
limit-ceilings = -# 成员自己的上限优先于身份组的，最好的身份组优先于所有人的，所有人的优先于默认的。服务器和机器人的总上限对所有人都有效。

grant-done = { $user } 在 { MOMENT($ms) }（{ RELATIVE($ms) }）之前还可以多请求 { $videos } 个视频。
grant-cut = 这比你填的 { $asked } 个少：本服务器 24 小时的总上限是 { $ceiling }，赠送不能超过它。
reset-done = { $user } 的次数现在重新计算。已花的费用仍然记账，计入本服务器的部分也不变。

report-title =
    { $days ->
        [1] 今天（UTC）
       *[other] 最近 { $days } 天（UTC）
    }
report-empty = 这段时间没有人请求视频。
report-posted = { $count } 个视频
report-failed = { $count } 个失败
report-other = { $count } 个其他
report-under-way = 正在进行 { $active } 个
report-cut = 这里只统计最新的 { $rows } 个请求。请减少天数。
report-no-chart = 现在画不出图表；数字都在这里。
report-members = 成员
report-member = { $user }：{ $sums }
report-more = 另有 { $count } 位成员，见文件
report-deleted = 数据已删除的成员
report-failures = 失败原因
report-cause = { $cause }：{ $count }
report-footer = 其他：已取消、未通过、不确定或正在进行。文件里有每一个请求。
report-alt =
    从 { $first } 到 { $last } 每日请求的柱状图。已发布 { $posted }，失败 { $failed }，其他 { $other }{ $has_cost ->
        [yes] ，合计 { $cost }
       *[no] { "" }
    }。最多的一天是 { $busiest }：{ $most }。
chart-videos = 每日请求
chart-cost = 每日费用（{ $currency }）
chart-posted = 已发布
chart-failed = 失败
chart-other = 其他

cause-content = 因内容被拒
cause-content-input = 图片、片段或音频被拒
cause-content-person = 出现真实人物
cause-content-trademark = 品牌或受保护的形象
cause-content-result = 成片被拒
cause-media = 文件无法载入
cause-refused-media = 文件不可用
cause-busy = 供应商太忙
cause-money = 余额用完
cause-parameters = 设置组合不被接受
cause-too-long = 没有按时完成
cause-result-unreachable = 成片无法取回
cause-result-damaged = 成片无法播放
cause-undeliverable = 没有地方发布
cause-other = 其他原因

log-quota =
    ⚙️ { $by } 更改了 { $subject } 的上限（{ $period ->
        [month] 每个自然月
       *[day] 24 小时内
    }的{ $unit ->
        [cost] 费用
        [seconds] 秒数
       *[videos] 视频数
    }）：{ $amount ->
        [default] 恢复默认
        [unlimited] 不限
       *[other] { $amount }
    }。
log-grant = 🎁 { $by } 赠送给 { $user } { $videos } 个额外的视频，有效期至 { MOMENT($ms) }。
log-reset = 🔄 { $by } 让 { $user } 的次数重新计算。
log-budget-server = ⚠️ 本服务器已用掉本月预算的 { $percent }%：{ $used }，共 { $limit }。到 100% 后会拒绝请求，直到{ RELATIVE($ms) }进入下个月。
log-budget-bot = ⚠️ 我在所有服务器的本月预算已用掉 { $percent }%。到 100% 后会拒绝请求，直到{ RELATIVE($ms) }进入下个月。
alarm-budget = ⚠️ 本月预算已用掉 { $percent }%：{ $used }，共 { $limit }。到 100% 后会拒绝请求，直到{ RELATIVE($ms) }进入下个月。
