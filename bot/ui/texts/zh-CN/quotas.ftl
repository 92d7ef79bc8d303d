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
            [month] 新的一个月从 { RELATIVE($frees_ms) }开始，届时重新计算。
           *[day] 请在 { RELATIVE($frees_ms) }再试。
        }
    }
refused-quota-none =
    { $scope ->
        [server] 本服务器目前不能制作视频：
        [bot] 我目前不能制作视频：
        [role] 你目前不能在这里制作视频：身份组 { $role } 给你的
        [everyone] 这里目前谁都不能制作视频：每个人的
       *[member] 你目前不能在这里制作视频：
    }上限为{ $period ->
        [month] 每月
       *[day] 每 24 小时
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
       *[day] 每 24 小时
    } { $limit }。{ $unit ->
        [videos] 请减少提示词里的选项。
        [seconds] 请改用更短的时长。
       *[cost] 请改用更短的时长、更低的分辨率或其他模型。
    }
refused-at-once = 你有 { $active } 个视频正在进行，这里同时最多 { $limit } 个。请等其中一个完成后再试；用 { COMMAND("video list") } 查看。
refused-at-once-all = 这条提示词会制作 { $number } 个视频，这里同时最多 { $limit } 个，你有 { $active } 个正在进行。请减少选项，或稍后再试；用 { COMMAND("video list") } 查看。
refused-quota-together = 这条提示词一次会制作 { $count } 个视频，额度要足够全部使用。
refused-cooldown = 这里两次提交之间要间隔 { $seconds } 秒。请在 { RELATIVE($frees_ms) }再提交。
refused-drafts = 你已有 { $limit } 个视频在等待确认，达到上限。请确认或取消一个，也可以稍等：未确认的会在 15 分钟后自动取消。
refused-draft-over = { $id } 已无法确认：草稿 15 分钟后失效，没有占用额度。请重新运行命令。
refused-not-yours-alone = 只有提交这个视频的成员本人才能确认。
refused-grant-self = 你不能给自己赠送额度。请找另一位版主。
refused-grant-number = 不能赠送 { $videos } 个；一次可以赠送 1 到 { $most } 个视频。
refused-grant-unlimited = { $user } 的视频数没有上限，不需要再增加。
refused-grant-ceiling = { $user } 每 24 小时已经可以制作 { $may } 个视频，而本服务器的总上限是 { $limit }。赠送不能超过总上限；服务器管理员可以在机器人所有者允许的范围内提高总上限。
refused-reset-self = 你不能重置自己的额度。请找另一位版主。
refused-amount =
    { $value } 不是有效的数量。{ $unit ->
        [cost] 请填写像 2.50 这样的数字（最多六位小数）、
       *[videos] 请填写像 20 这样的整数、
    }`unlimited`（不限），或 `default`（恢复默认）。`0` 表示完全不允许。

quota-now =
    { $whose ->
        [other] { $left ->
            [0] **{ $user } 现在不能再制作视频。**
           *[other] **{ $user } 现在还可以制作 { $left } 个视频。**
        }
       *[self] { $left ->
            [0] **你现在不能再制作视频。**
           *[other] **你现在还可以制作 { $left } 个视频。**
        }
    }
quota-unlimited =
    { $whose ->
        [other] **{ $user } 制作视频的数量没有上限。**
       *[self] **你制作视频的数量没有上限。**
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
        [videos] 下一个额度将在 { RELATIVE($ms) }恢复
       *[other] 部分额度将在 { RELATIVE($ms) }恢复
    }
quota-month = 新的一个月从 { RELATIVE($ms) }开始，届时重新计算
quota-extra = 其中包含 { $videos } 个额外的视频，有效期至 { MOMENT($ms) }（{ RELATIVE($ms) }）
quota-under-way = 正在进行：{ $active } 个
quota-under-way-of = 正在进行：{ $active } 个，同时最多 { $limit } 个
quota-cooldown = 两次提交之间要间隔 { $seconds } 秒
quota-cooldown-until = 两次提交之间要间隔 { $seconds } 秒；下一次可以在 { RELATIVE($ms) }

draft-price = **这个视频的费用为 { $price }。**如果同意，请点**确认**。在你确认之前，不占用额度，也不会开始制作。
draft-risen = **现在的费用为 { $price }：**有一个视频片段比预计的更长。如果仍然同意，请点**确认**。
draft-ask = **要制作这个视频吗？**如果同意，请点**确认**。在你确认之前，不占用额度，也不会开始制作。
draft-variations =
    { $priced ->
        [yes] **这条提示词会制作 { $count } 个视频，费用共 { $price }。**
       *[no] **这条提示词会制作 { $count } 个视频。**
    }点**确认**一次全部制作。在你确认之前，不占用额度，也不会开始制作。
draft-risen-all = **{ $priced ->
        [yes] 这 { $count } 个视频现在共需 { $price }：
       *[no] 这 { $count } 个视频的费用增加了：
    }**有一个视频片段比预计的更长。如果仍然同意，请点**确认**。
variations-attached = 完整的提示词见文件。
draft-until = 如果不确认，将在 { RELATIVE($ms) }自动取消。
taken-left-seconds = 你还剩 { $left } 秒的视频额度。
taken-left-cost = 你的预算还剩 { $left }。

limit-set =
    已为 { $subject } 设置：{ $period ->
        [month] 每个自然月（UTC）
       *[day] 每 24 小时
    }{ $unit ->
        [cost] 费用
        [seconds] 视频时长
       *[videos] { "" }
    } **{ $amount }**。
limit-removed =
    已取消 { $subject } 的上限：{ $period ->
        [month] 每个自然月
       *[day] 每 24 小时
    }的{ $unit ->
        [cost] 费用
        [seconds] 秒数
       *[videos] 视频数
    }。
limit-all = { $subject } 现在的上限：
limit-line =
    { $period ->
        [month] 每个自然月
       *[day] 每 24 小时
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
limit-ceilings = -# 成员单独设置的上限优先，其次是上限最高的身份组，再次是所有人的上限，最后是默认上限。服务器和机器人的总上限对所有人都有效。

grant-done = { $user } 在 { MOMENT($ms) }（{ RELATIVE($ms) }）之前可以多制作 { $videos } 个视频。
grant-cut = 比你填写的 { $asked } 个少，因为本服务器每 24 小时的总上限是 { $ceiling }。
reset-done = { $user } 的额度已重置。已花的费用仍会记录，本服务器的用量也不变。

report-title =
    { $days ->
        [1] 今天（UTC）
       *[other] 最近 { $days } 天（UTC）
    }
report-empty = 这段时间没有人制作视频。
report-posted = { $count } 个视频
report-failed = { $count } 个失败
report-other = { $count } 个其他
report-under-way = 正在进行 { $active } 个
report-billed = 其中供应商实际收费 { $cost }
report-flagged =
    安全检查：标记并已处理 { $count } 个，版主拒绝 { $rejected } 个（{ $bands }）
report-flagged-band = { $from }–{ $to }%：{ $count } 个中 { $rejected } 个
report-cut = 这里只统计最新的 { $rows } 个请求。请减少天数。
report-no-chart = 暂时无法生成图表，数据都在这里。
report-members = 成员
report-member = { $user }：{ $sums }
report-more = 另有 { $count } 位成员，见文件
report-deleted = 数据已删除的成员
report-failures = 失败原因
report-cause = { $cause }：{ $count }
report-footer = 其他：已取消、已拒绝、不确定或正在进行。文件里列出了每一个请求。
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
cause-content-input = 图片、视频片段或音频被拒
cause-content-person = 出现真人
cause-content-trademark = 品牌或受保护的形象
cause-content-result = 成片被拒
cause-media = 文件无法载入
cause-refused-media = 文件不可用
cause-busy = 供应商太忙
cause-money = 余额用完
cause-parameters = 不支持的设置
cause-too-long = 没有按时完成
cause-result-unreachable = 成片无法下载
cause-result-damaged = 成片无法播放
cause-undeliverable = 没有地方发布
cause-blocked = 成员已被封禁
cause-channel-closed = 频道已不再允许
cause-flagged = 文件可疑，没有审核频道
cause-flagged-result = 视频可疑，没有审核频道
cause-model-closed = 模型已不再允许
cause-not-served = 服务器已不再提供服务
cause-other = 其他原因

log-quota =
    ⚙️ **额度已更改** · { $subject } · { $period ->
        [month] 每个自然月
       *[day] 每 24 小时
    }的{ $unit ->
        [cost] 费用
        [seconds] 秒数
       *[videos] 视频数
    }：{ $amount ->
        [default] 恢复默认
        [unlimited] 不限
       *[other] { $amount }
    } · 操作者 { $by }
log-grant = 🎁 **赠送额度** · { $user } · { $videos } 个视频，有效期至 { MOMENT($ms) } · 操作者 { $by }
log-reset = 🔄 **重置额度** · { $user } · 操作者 { $by }
log-budget-server = ⚠️ 本服务器已用掉本月预算的 { $percent }%：{ $used }，共 { $limit }。到 100% 后会拒绝请求，新的一个月从 { RELATIVE($ms) }开始。
log-budget-bot = ⚠️ 我在所有服务器的本月预算已用掉 { $percent }%。到 100% 后会拒绝请求，新的一个月从 { RELATIVE($ms) }开始。
alarm-budget = ⚠️ 本月预算已用掉 { $percent }%：{ $used }，共 { $limit }。到 100% 后会拒绝请求，新的一个月从 { RELATIVE($ms) }开始。
