# 做不到时给成员看的话：是什么原因，接下来怎么办。

refused-server = 本服务器还不能使用我制作视频。请联系机器人所有者添加服务器 { $guild }。
refused-bot-permissions = 我无法在这里发布视频：缺少{ $missing }权限。请让服务器管理员在本频道授予我这些权限，或换个频道试试。
refused-member-permissions = 你在本频道需要{ $missing }权限才能制作视频。请换个频道，或联系版主。
refused-channel =
    { $count ->
        [0] 本服务器还没有可以制作视频的频道。请联系服务器管理员。
       *[other] 不能在这个频道使用我。请到 { $channels } 试试。
    }
refused-channel-unseen = 这个频道不制作视频。可以在哪里制作，请问服务器管理员。
refused-model =
    { $count ->
        [0] 这里不能使用 { $model }，也没有其他可用的模型。请联系服务器管理员。
       *[other] 这里不能使用 { $model }。可以使用：{ $models }。
    }
refused-unknown-model = 没有名为 { $model } 的模型。请从「模型」选项弹出的列表里选择，或查看 { COMMAND("video models") }。
refused-frames-missing = 请提供首帧、尾帧或两者：重新运行 { COMMAND("video frames") }，并填写「首帧」或「尾帧」。
refused-unknown-id = 在这里找不到你的视频 { $id }。用 { COMMAND("video list") } 查看全部。
refused-too-late =
    { $state ->
        [posted] { $id } 已经发布，无法取消。
        [cancelled] { $id } 已经取消过了。
        [failed] { $id } 已经结束：制作失败。
        [rejected] { $id } 已经结束：版主已拒绝。
        [uncertain] { $id } 无法取消：还不确定供应商是否已收到，机器人所有者正在处理。
       *[other] { $id } 已经快完成，来不及取消了。
    }
refused-not-yours = 只有提交这个视频的成员或版主才能这样做。
refused-moderators-only = 只有版主才能这样做，即拥有「管理消息」权限或本服务器版主身份组的成员。
refused-managers-only = 只有拥有「管理服务器」权限的成员才能这样做。
refused-disk-full = 暂时没有空间存放更多视频：{ $limit } 快用完了。请稍后再试，或联系机器人所有者。
refused-member-room = 你的文件已占用 { $used }（每位成员上限 { $limit }），这些文件还需要 { $needed }。请把文件总大小控制在 { $left } 以内，或先用**更多** → **删除**删掉旧视频。
refused-try-again = 刚才没有成功，也没有占用额度。请一分钟后再试。
refused-server-only = 我只能在服务器里使用。请到你的服务器里试试。
refused-button-gone = 这个按钮已经失效。用 { COMMAND("video list") } 查看你的视频的最新状态。
refused-form-gone = 这个表单打开得太久，已经失效。请重新运行命令。
refused-command-gone = 这个命令已经更新。请重新加载 Discord 后再试。
refused-unexpected = 我这边出了点问题。用 { COMMAND("video list") } 查看请求是否已收到；如果没有，请再试一次。如果一直这样，请把编号 { $number } 告诉机器人所有者。

amount-videos = { $count } 个视频
amount-seconds = { $count } 秒
amount-other = { $amount } { $currency }

permission-view-channel = 「查看频道」
permission-send-messages = 「发送消息」
permission-send-messages-in-threads = 「在子区内发送消息」
permission-attach-files = 「附加文件」
permission-read-message-history = 「阅读消息历史记录」
permission-embed-links = 「嵌入链接」
permission-manage-messages = 「管理消息」
permission-manage-guild = 「管理服务器」
