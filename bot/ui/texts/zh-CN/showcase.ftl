# 为视频投票、精选频道和 /video top。

command-video-top = 排行
    .description = 本服务器得票最多的视频，附链接

option-showcase_channel = 精选频道
    .description = 得星够多的视频会转发到这里；视频下方会出现星标按钮
option-showcase_votes = 入选星数
    .description = 一个视频得到多少颗星后入选
option-showcase_monthly = 每月精选
    .description = 每月 1 日在精选频道发布上月得星最多的五个视频

button-take-out = 移出精选

vote-done =
    { $is_given ->
        [yes] ⭐ 你的星已计入，这个视频现在有 { $count } 颗星。再按一次可以收回。
       *[no] 你的星已收回，这个视频现在有 { $count } 颗星。
    }
take-out-done = { $id } 已移出精选，不会再入选。视频本身保留在原处。

top-title = ⭐ **最近 { $days } 天得星最多的视频**
top-empty = 最近 { $days } 天的视频还没有得到星。如果本服务器设有精选频道，请在喜欢的视频下方按 ⭐。
showcase-monthly =
    ⭐ **{ $month } 得星最多的视频**
    { $lines }

refused-no-showcase = 本服务器目前没有精选频道，因此不计星。
refused-vote-own = 这是你自己的视频，星要由别人来给。你可以把星给别人的视频。
refused-vote-late = 这个视频发布已超过 { $days } 天，不再计星。请给较新的视频。
refused-not-in-showcase = 这个视频不在精选中，无需移出。

settings-group-showcase = 精选
settings-says-showcase-channel =
    { $value ->
        [none] **没有**精选频道：视频没有星标按钮
       *[other] 得星够多的视频转发到 { $value }
    }
settings-says-showcase-votes = **{ $value } 颗星**即可入选
settings-says-showcase-monthly =
    { $value ->
        [on] 每月得星最多的五个视频：1 日**发布**
       *[off] 每月得星最多的五个视频：**不发布**
    }
setup-menu-showcase-channel = 精选频道

decision-showcase-removed = 🌑 移出精选
log-decision-showcase-removed = 🌑 **移出精选** · { $id } · { $user } · 操作者 { $by }
log-showcase-failed = ⚠️ 我无法把 { $id } 转发到精选频道 { $place }。请在那里授予我「查看频道」「发送消息」「阅读消息历史记录」权限，或用 { COMMAND("videoadmin settings") } 另选频道。
log-showcase-unknown = ⚠️ 无法确定 { $id } 是否已转发到精选频道 { $place }：我读不到那里的消息，所以不会再转发一次。请在那里授予我「阅读消息历史记录」权限，以后就不会这样了。
