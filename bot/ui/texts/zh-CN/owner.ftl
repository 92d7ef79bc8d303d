# 仅供所有者：/owner status、pause、resume、uncertain。

refused-owner-only = 只有机器人所有者才能这样做，而且只能在为此设定的服务器里。
refused-task-id-missing = 请至少填写一个任务 ID，或直接关闭表单。
refused-task-id = 为 { $id } 填写的不是任务 ID。任务 ID 不含空格，最多 { $limit } 个字符。
refused-task-id-twice = 为 { $id } 填写的任务 ID 与另一个视频重复。每个任务只对应一个视频。
refused-task-id-taken = 为 { $id } 填写的任务 ID 已属于 { $holder }。每个任务只对应一个视频。

owner-title = 运行状况
owner-well = ✅ 一切正常。
owner-paused = ⏸️ 自 { MOMENT($ms) } 起已暂停：不再向供应商提交新任务。用 { COMMAND("owner resume") } 恢复。
owner-store-away = ⚠️ 媒体存储没有响应。请求在等待，恢复后自动继续：请用 `video-bot doctor` 检查 `MEDIA_STORE` 及其 `AWS_…` 设置。
owner-trouble =
    { $trouble ->
        [provider-key] ⚠️ 自 { MOMENT($ms) } 起供应商拒绝了 API 密钥。请检查 `SEEDANCE_API_KEY`；新请求在等待。
        [provider-money] ⚠️ 自 { MOMENT($ms) } 起供应商余额已用完。充值之前新请求会一直等待。
       *[provider-down] ⚠️ 自 { MOMENT($ms) } 起供应商持续故障。新请求在等待，恢复后自动继续。
    }
owner-throttled = ⏳ 供应商正在限流，{ RELATIVE($ms) }继续。
owner-balance-low =
    { $left ->
        [none] ⚠️ 供应商余额不足。
       *[other] ⚠️ 供应商余额不足：大约还够制作 { $left } 个视频。
    }
owner-disk-full = ⚠️ 存储空间快满了，所以暂不接受新请求。请腾出空间，或调高 `DATA_MAX_GB`。
owner-no-worker = ⚠️ 最近 30 秒没有任何工作进程上报。在工作进程运行之前，不会制作任何视频。
owner-shards-down = ⚠️ { $count } 个分片（{ $which }）与 Discord 断开，最早从 { MOMENT($ms) } 开始，相应服务器得不到回应。请查看其网关进程的日志。
owner-shards-missing = ⚠️ 没有网关进程运行分片 { $which }（共 { $count } 个），相应服务器得不到回应。请启动一个 `SHARDS` 包含它们的进程。
owner-has-uncertain = ❔ 有 { $count } 个视频状态不确定。请用 { COMMAND("owner uncertain") } 处理。

owner-has-restored = ❔ 其中 { $count } 个是恢复时搁置的。
owner-queue-late = ⏳ 最早排队的请求从 { MOMENT($ms) } 起一直在等待。`SEEDANCE_MAX_ACTIVE` 可能太低。
owner-messages-late = ⏳ 有消息从 { MOMENT($ms) } 起一直未送达，原因见日志。
owner-backup-late = 💾 上次备份是在 { MOMENT($ms) }。
owner-spent = 花费
owner-spent-month = 本月：{ $what }
owner-spent-today = 今天：{ $what }
owner-requests = 请求
owner-count = { $state }：{ $count }
owner-owed = 还有 { $count } 条消息待送达。
owner-failures = 失败
owner-failures-day = 最近 24 小时：{ $what }
owner-failures-week = 最近 7 天：{ $what }
owner-failures-none = 无
owner-cause =
    { $cause ->
        [content] 内容
        [content-input] 文件内容
        [content-person] 真人
        [content-trademark] 品牌
        [content-result] 成片内容
        [media] 供应商无法读取文件
        [refused-media] 文件不符合要求
        [busy] 供应商繁忙
        [money] 余额用完
        [parameters] 设置有误
        [too-long] 没有按时完成
        [result-unreachable] 成片无法下载
        [result-damaged] 成片无法播放
        [undeliverable] 无处发布
        [not-run] 没有执行
        [blocked] 成员已被封禁
        [channel-closed] 频道已不再允许
        [model-closed] 模型已不再允许
        [not-served] 服务器已不再提供服务
       *[unknown] 原因不明
    } { $count }
owner-provider = 供应商
owner-provider-well = 响应正常。
owner-provider-trouble = { RELATIVE($ms) }开始故障，连续失败 { $failures } 次。
owner-balance =
    { $left ->
        [none] 余额：{ $amount }
       *[other] 余额：{ $amount }，大约还够 { $left } 个视频
    }
owner-balance-unlimited = 余额：密钥没有上限
owner-balance-silent = 余额：供应商没有提供
owner-balance-key = 余额：供应商拒绝了密钥
owner-balance-down = 余额：供应商目前没有响应
owner-disk = 存储
owner-disk-used = 已用 { $used } GB，上限 { $limit } GB，磁盘剩余 { $free } GB
owner-workers = 工作进程
owner-shards = 分片
owner-shards-connected = 共 { $total } 个，已连接 { $count } 个

owner-pause-done = **已暂停。**不再向供应商提交新任务。新请求仍会接受并等待，卡片上会说明。{ $running ->
        [0] 目前没有正在制作的视频。
       *[other] 正在制作的 { $running } 个视频会继续完成。
    }用 { COMMAND("owner resume") } 恢复。
owner-pause-already = 之前就已暂停，没有任何变化。用 { COMMAND("owner resume") } 恢复。
owner-resume-done = **已恢复。**{ $waiting ->
        [0] 没有等待中的视频。
       *[other] 等待中的 { $waiting } 个视频会在有空位时提交给供应商。
    }
owner-resume-already = 之前并没有暂停，没有任何变化。

uncertain-title =
    { $count ->
        [0] 没有不确定的视频
       *[other] { $count } 个不确定的视频
    }
uncertain-none = 供应商的答复都已收到，或已处理完毕。
uncertain-about = 没有收到供应商的答复，所以这些视频可能在制作，也可能没有。请查看供应商的任务列表，然后在下面选择。24 小时后成员的额度会退还；费用会一直预留到你处理为止。
uncertain-about-restored = 数据库已从副本恢复。制作副本时其中 { $count } 个正在等待；此后它们可能已被批准、付费并发布。请与供应商的任务列表对照。不会自动提交任何内容。
uncertain-parked =
    { $state ->
        [held] 搁置于 { MOMENT($ms) } · 在副本中等待版主审核
        [auditing] 搁置于 { MOMENT($ms) } · 在副本中文件正在审核
       *[queued] 搁置于 { MOMENT($ms) } · 在副本中等待供应商
    }
uncertain-sent = 提交于 { MOMENT($ms) }
uncertain-where = { $guild } · { $user }
uncertain-cost = 预留 { $price }
uncertain-words = 供应商：{ $text }
uncertain-task = 任务 ID：{ $task }
uncertain-choose = 选择要处理的视频
uncertain-choose-all = 全部 { $count } 个
uncertain-chosen =
    { $count ->
        [1] 它的结果是？
       *[other] 这 { $count } 个的结果是？
    }
uncertain-chosen-more = ……还有 { $count } 个。
uncertain-explain = **执行了**：填写供应商的任务 ID，视频会被下载并送达。**没有执行**：退还额度和费用，并通知成员。**重新提交**：再次提交给供应商。
uncertain-explain-restored = **执行了**：填写供应商的任务 ID，会先在频道里查找视频，没有才送达。**没有执行**：退还额度和费用，并通知成员。**可以继续**：从副本中的位置继续，提交时才付费。
uncertain-sure-go = **让这 { $count } 个继续吗？**它们会从副本中的位置继续。制作副本之后已提交过的会付费两次。
uncertain-sure-again =
    { $count ->
        [1] **要重新提交吗？**供应商会重新制作并收费。如果第一次其实已经提交成功，你会付两次钱。
       *[other] **要重新提交这 { $count } 个吗？**供应商会重新制作并收费。其中第一次已经提交成功的，你会付两次钱。
    }
uncertain-sure-again-cost = 可能再花费 { $price }。
uncertain-sure-not = **这 { $count } 个都没有执行吗？**会退还额度和费用，并通知各位成员。
button-uncertain-ran = 执行了
button-uncertain-not = 没有执行
button-uncertain-again = 重新提交
button-uncertain-go = 可以继续
button-uncertain-go-all = 全部可以继续
button-uncertain-back = 返回
button-confirm = 确认
uncertain-form = 供应商的任务 ID
uncertain-form-task = { $id } 的任务 ID
uncertain-done-ran = ✅ { $count } 个视频会继续跟踪，做好后送达。
uncertain-done-not = ✅ 已退还 { $count } 个视频的额度和费用，并会通知成员。
uncertain-done-again = ✅ { $count } 个视频等待重新提交。
uncertain-late = 有 { $count } 个已由他人处理，或状态已改变。
uncertain-refused = { $id } 仍为不确定，现在不能重新提交：{ $why }
uncertain-seen =
    { $status ->
        [waiting] { $id }：正在供应商处排队。
        [running] { $id }：供应商正在制作。
        [completed] { $id }：供应商已做好。
        [failed] { $id }：供应商表示已失败。
        [missing] { $id }：供应商暂时找不到这个任务。我会继续查询；如果一直这样，请检查 ID。
       *[unknown] { $id }：供应商没有提供进展。我会继续查询。
    }

failure-not-run = 供应商没有收到这个请求，所以没有制作。请重新提交。

evidence-none = 🔎 提交前或提交后的密钥用量未知，无法据此判断。
evidence-early = 🔎 密钥用量还没有增加，正在观察。如果到 { MOMENT($ms) }（{ RELATIVE($ms) }）仍没有增加，就是没有计费。
evidence-busy = 🔎 当时还有费用未定的其他视频，密钥用量暂时不能说明问题。
evidence-not-billed = 🔎 看来**没有计费**：从 { MOMENT($since_ms) } 到 { MOMENT($after_ms) }，密钥用量只增加了其他视频的费用。
evidence-billed = 🔎 看来**已经计费**：密钥用量增加了 { $amount }，正是它的价格。请在供应商的任务列表里查找。
evidence-other =
    { $direction ->
        [up] 🔎 密钥用量增加了 { $amount }，与它的价格不符。
       *[down] 🔎 密钥用量减少了 { $amount }，无法据此判断。
    }
evidence-shared = -# 这个密钥可能还有别人在用。如果没有，请设置 SEEDANCE_KEY_EXCLUSIVE=yes，没有计费的请求会自动处理。

refused-month = 「{ $month }」不是月份。请写成 { $example } 这样，或留空表示本月。
refused-month-ahead = { $month } 还没有开始。请选择 { $example } 或更早的月份。
bill-title = { $month } 账单（UTC）
bill-explained = ✅ **每一分都有出处**：密钥用量等于本机器人视频的费用。
bill-others = ⚠️ 密钥用量比本机器人视频的费用**多 { $amount }**。可能有别人在用这个密钥。
bill-others-perhaps = 下面没有费用的视频可能是其中一部分。
bill-less = ⚠️ 密钥用量比本机器人视频的费用**少 { $amount }**。供应商可能稍后才计费，或在首次记录之前已经计费。
bill-key-unknown = ❔ 这个月的密钥用量未知，无法与费用核对。
bill-by-price = 有 { $count } 个视频按价格记账，因为供应商没有给出费用。
bill-cut = 只列出最新的 20,000 个视频。
bill-no-currency = -# 金额使用供应商的单位；没有设置 CURRENCY。
bill-ledger = 账目
bill-booked = 为 { $count } 个视频记账 **{ $amount }**
bill-booked-cost = 按供应商费用 { $amount }（{ $count } 个）
bill-booked-price = 按价格 { $amount }（{ $count } 个）
bill-booked-reserved = 为进行中的视频预留 { $amount }（{ $count } 个）
bill-provider = 供应商
bill-costs = 这段时间给出的费用：**{ $amount }**
bill-elsewhere = 其中 { $amount } 属于其他月份的视频
bill-key-silent = 密钥用量：未知
bill-key = 密钥从 { MOMENT($since_ms) } 到 { MOMENT($until_ms) } 使用了 **{ $amount }**
bill-rest = 差额：**{ $amount }**
bill-differences = 有差异的视频：{ $count } 个
bill-page = 第 { $page } 页，共 { $pages } 页 · 文件里列出了每一个视频。
bill-uncertain = ❔ { $id } 不确定：预留 { $booked }
bill-unsaid = { $id } 供应商没有给出费用：记账 { $booked }
bill-refunded = { $id } 退款 { $refunded }：费用 { $cost }
bill-unbilled = { $id } 失败，没有收费
bill-changed = { $id } 价格 { $price }，费用 { $cost }
