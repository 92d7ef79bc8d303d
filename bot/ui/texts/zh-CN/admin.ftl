# 给服务器管理员：/videoadmin setup、settings、models、channels，以及加入服务器时的问候。

command-videoadmin-setup = 初始设置
    .description = 三步完成设置，并检查我的权限
command-videoadmin-settings = 设置
    .description = 本服务器的全部设置；不带选项则全部列出
command-videoadmin-models = 模型
    .description = 这里可以使用哪些模型
command-videoadmin-channels = 频道
    .description = 可以在哪些频道使用我

option-review = 审核
    .description = 版主是否先审核：不审核、审核请求、审核成片
option-review_channel = 审核频道
    .description = 版主在哪里看到等待审核的内容
option-log_channel = 日志频道
    .description = 审核决定、设置改动和异常记录在哪里
option-moderator_role = 版主身份组
    .description = 除拥有「管理消息」权限的成员外，还由哪个身份组担任版主；请在服务器设置的「整合」中向其开放 /videomod
option-default_model = 默认模型
    .description = 请求没有选择模型时使用哪个
option-language = 语言
    .description = 频道里的消息和卡片使用的语言
option-remix = 二次创作
    .description = 可以用谁的图片和视频再创作
option-server_daily = 服务器每日上限
    .description = 整个服务器每 24 小时的视频数：数字或 unlimited
option-at_once = 同时进行
    .description = 每位成员同时制作的视频数：数字或 unlimited
option-cooldown = 冷却
    .description = 同一成员两次请求之间的秒数
option-confirm_above = 确认价格
    .description = 费用超过这个数时先询问；unlimited 表示从不询问
option-review_timeout_hours = 审核时限
    .description = 等待版主审核多少小时后自动拒绝
option-hold_first = 审核前几个
    .description = 新成员的前几个请求须经版主审核
option-hold_links = 审核链接
    .description = 带链接的请求是否须经版主审核
option-hold_younger_days = 审核新成员
    .description = 加入服务器或注册不满多少天的成员须经版主审核
option-hold_after_rejections = 被拒后审核
    .description = 7 天内被拒绝这么多次的成员须经审核；0 表示不审核
option-hold_flagged = 审核可疑内容
    .description = 安全检查标记的内容，制作或发布前须经版主审核
option-safety_threshold = 可疑程度
    .description = 安全检查有多大把握才标记，0 到 100（百分比）
option-report_threshold = 举报数
    .description = 视频被举报多少次后先隐藏，等版主处理
option-retention_days = 保留天数
    .description = 提示词和文件保留多少天
option-allow = 允许
    .description = 要允许哪些
option-remove = 移除
    .description = 要从列表中移除哪些

choice-off = 关闭
choice-on = 开启
choice-prompt = 审核请求
choice-result = 审核视频
choice-own = 仅自己的
choice-everyone = 所有人的
choice-unlimited = 不限
choice-server = 跟随服务器
choice-en-us = English
choice-zh-cn = 中文

greeting = 👋 感谢邀请我加入 **{ $server }**！我可以制作 AI 视频。拥有「管理服务器」权限的成员只需一分钟就能完成设置：{ COMMAND("videoadmin setup") }。在此之前，所有成员都可以在机器人所有者设定的额度内使用 { COMMAND("video create") }。

setup-title = 初始设置 · 第 { $step } 步，共 { $steps } 步
setup-review = **审核。**发布之前是否需要版主审核？由谁审核、在哪里审核？每次选择都会立即保存。
setup-rest = **日志、精选、上限、语言。**受成员喜欢的视频会转发到精选频道。上限只针对本服务器；机器人所有者设定的限制同样有效。语言用于频道里的消息和卡片。
setup-chosen = { $setting }：{ $value }
setup-menu-review = 审核
setup-menu-review-channel = 审核频道
setup-menu-moderator-role = 版主身份组
setup-menu-log-channel = 日志频道
setup-menu-server-daily = 每日上限
setup-menu-language = 语言
setup-mode-off = 不审核
setup-mode-prompt = 产生费用之前，版主先审核请求
setup-mode-result = 发布之前，版主先审核视频
setup-ceiling-none = 本服务器不另设上限
setup-ceiling = 每 24 小时 { $count } 个视频
setup-your-role = 你的版主身份组
setup-open-videomod = **谁能看到版主命令：**Discord 默认只向拥有「管理消息」权限的成员显示 `/videomod`。要向其他身份组开放：服务器设置 → 整合 → 选择我 → `/videomod` → 添加身份组（{ $role }）。
setup-more = 更多设置：{ COMMAND("videoadmin settings") }、{ COMMAND("videoadmin models") }、{ COMMAND("videoadmin channels") }。

check-head =
    { $count ->
        [0] ✅ **一切就绪。**所需权限都已具备。
       *[other] ⚠️ **有 { $count } 处需要调整：**
    }
check-well = ✅ { $place }（{ $what }）：权限齐全。
check-missing = ⚠️ { $place }（{ $what }）：我缺少{ $missing }权限。请打开该频道的设置 → 权限，把我加进去并授予这些权限。
check-gone = ⚠️ 为{ $what }选择的频道已经不在了，请另选一个。
check-public = ⚠️ 所有人都能看到 { $place }，而等待审核的内容会出现在那里。请把该频道设为私密频道。
check-no-review-channel = ⚠️ 审核已开启，但还没有选择审核频道。请选一个，版主才能看到等待审核的内容。
check-here = 当前频道
check-allowed = 允许使用的频道
check-more = 还有 { $count } 个允许使用的频道没有检查。
check-failed = ⚠️ 暂时无法从 Discord 取得我的权限信息。请一分钟后重新检查。

settings-title = 本服务器的设置
settings-group-review = 审核
settings-group-held = 需要版主先看的请求
settings-group-limits = 上限
settings-group-making = 制作
settings-group-records = 日志与保存
settings-group-places = 模型与频道
settings-says-review =
    { $value ->
        [prompt] **审核请求**：版主通过后才开始付费制作
        [result] **审核视频**：版主通过后才发布
       *[off] **关闭**：不需要版主审核
    }
settings-says-review-channel =
    { $value ->
        [none] **还没有**审核频道
       *[other] 审核卡片发到 { $value }
    }
settings-says-moderator-role =
    { $value ->
        [none] **未设身份组**：由有「管理消息」权限的人审核
       *[other] 由 { $value } 和有「管理消息」权限的人审核
    }
settings-says-review-timeout-hours = **{ $value } 小时**内没有人处理就自动拒绝
settings-says-hold-first =
    { $value ->
        [0] 新成员最初的视频：**直接制作**
       *[other] 每位成员的前 **{ $value } 个视频**
    }
settings-says-hold-links =
    { $value ->
        [on] 带链接的提示词：**先审核**
       *[off] 带链接的提示词：**直接制作**
    }
settings-says-hold-younger-days =
    { $value ->
        [0] 新成员和新账号：**直接制作**
       *[other] 加入或注册不满 **{ $value } 天**的成员
    }
settings-says-hold-after-rejections =
    { $value ->
        [0] 不因之前被拒绝而审核
       *[other] 7 天内被拒绝 **{ $value } 次**的成员，请求须经审核
    }
settings-says-hold-flagged =
    { $value ->
        [on] 安全检查标记的内容：**先审核**
       *[off] 图片和视频：**不检查**
    }
settings-says-safety-threshold = 安全检查有 **{ $value }%** 把握时标记
settings-says-report-threshold = 满 **{ $value } 次举报**就隐藏视频
settings-says-server-daily =
    { $value ->
        [unlimited] 整个服务器：24 小时**不限**视频数
       *[other] 整个服务器：24 小时 **{ $value } 个视频**
    }
settings-says-at-once =
    { $value ->
        [unlimited] 每位成员：同时制作**不限**
       *[other] 每位成员：同时 **{ $value } 个视频**
    }
settings-says-cooldown =
    { $value ->
        [0] 同一成员两次请求之间：**无需等待**
       *[other] 同一成员两次请求之间：**{ $value } 秒**
    }
settings-says-confirm-above =
    { $value ->
        [unlimited] 开始前**从不**询问价格
       *[other] 超过 **{ $value }** 时先询问
    }
settings-says-default-model = 未选择模型时使用 { $value }
settings-says-remix =
    { $value ->
        [everyone] 成员可以使用**所有人**的视频继续创作
       *[own] 成员只能使用**自己**的视频继续创作
    }
settings-says-language =
    { $value ->
        [server] 频道里的消息和卡片：**跟随服务器语言**
        [en-US] 频道里的消息和卡片：**英语**
        [zh-CN] 频道里的消息和卡片：**中文**
       *[other] 频道里的消息和卡片：**{ $value }**
    }
settings-says-log-channel =
    { $value ->
        [none] **还没有**日志频道
       *[other] 决定和更改记录在 { $value }
    }
settings-says-retention-days = 提示词和文件保存 **{ $value } 天**
settings-models = 这里可以使用 { $count } 个模型：{ COMMAND("videoadmin models") }
settings-everywhere = 可以在所有频道使用我：{ COMMAND("videoadmin channels") }
settings-places = 可以在 { $count } 个频道使用我：{ COMMAND("videoadmin channels") }
settings-hint = 要修改某一项，请带上对应选项再次运行命令。**删除**会清除我保存的本服务器的全部数据。
settings-same = 原本就是这个值，没有改动。
setting-unset = 未设置
setting-changed = { $setting }：{ $old } → { $new }

admin-models = 这里可以使用 { $count } 个模型：
admin-models-hint = 「允许」和「移除」可填一个或多个名称，用空格隔开；「允许」还可以填 `all`。
admin-everywhere = 可以在所有频道使用我。
admin-channels = 可以在这 { $count } 个频道及其子区和帖子里使用我：
admin-channels-hint = 「允许」添加一个频道，「移除」去掉一个。允许第一个频道后，其他频道就不能再使用我。

server-delete-sure = **要删除我保存的本服务器的全部数据吗？**包括设置、额度、词表、封禁、历史记录，以及所有成员在这里的视频的提示词和文件。进行中的视频会被取消，额度不退还。已用的额度仍会计算，但不再关联姓名。已发布的视频会留在频道里。此操作无法撤销。
server-deleted = ✅ 已删除。用 { COMMAND("videoadmin setup") } 可以重新设置。

button-back = 返回
button-check-again = 重新检查
button-everywhere = 允许所有频道

refused-setting = { $setting } 不能设为 { $value }。可用的值：{ $allowed }。
refused-everyone = { $setting } 不能是 @everyone，否则所有成员都会成为版主。请选择其他身份组。
refused-channel-gone = 在本服务器找不到频道 { $channels }。请另选一个。
refused-channel-kind = { $channels } 不是 { $setting } 能用的频道类型。请选择文字频道。
refused-place-permissions = 我在 { $channels } 缺少{ $missing }权限。请打开该频道的设置 → 权限，把我加进去并授予这些权限，然后重新运行命令。没有做任何改动。
refused-no-model = 没有名为 { $model } 的模型。现有模型：{ $models }。
refused-last-model =
    { $count ->
        [1] 只剩 { $models } 了，移除后这里就没人能制作视频。请先允许另一个模型。
       *[other] 全部移除后，这里就没人能制作视频。目前允许：{ $models }。请至少保留一个。
    }
refused-last-channel = { $channels } 是最后一个频道，移除后就没有地方能使用我了。请先允许另一个频道，或按下**允许所有频道**。
refused-no-channels-chosen = 目前可以在所有频道使用我，所以没有可以移除的频道。请直接允许你想要的频道，之后其他频道就不能再使用我。

log-setting = ⚙️ **设置已更改** · { $setting }：{ $old } → { $new } · 操作者 { $by }
