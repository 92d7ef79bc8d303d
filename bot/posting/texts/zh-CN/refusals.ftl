# 做不到时给成员看的话：是什么原因，接下来怎么办。

refused-server = 这个服务器还没有获准用我制作视频。请让机器人的运营者添加服务器 { $guild }。
refused-bot-permissions = 我没办法在这里交付视频：缺少{ $missing }权限。请让服务器管理员在本频道给我这些权限，或换个频道试试。
refused-member-permissions = 你在本频道需要{ $missing }权限才能制作视频。请换个频道，或联系版主。
refused-channel =
    { $count ->
        [0] 本服务器还没有可以制作视频的频道。请联系服务器管理员。
       *[other] 这个频道不制作视频。请到{ $channels }来。
    }
refused-channel-unseen = 这个频道不制作视频。可以在哪里制作，请问服务器管理员。
refused-model =
    { $count ->
        [0] 这里不能使用 { $model }，其他模型也都不能用。请联系服务器管理员。
       *[other] 这里不能使用 { $model }。可以使用：{ $models }。
    }
refused-unknown-model = 没有叫 { $model } 的模型。请从「模型」选项弹出的列表里选择，或查看 { COMMAND("video models") }。
refused-frames-missing = 请给我首帧、尾帧或两者：重新运行 { COMMAND("video frames") }，并填写「首帧」或「尾帧」。
refused-unknown-id = 在这里找不到你的视频 { $id }。{ COMMAND("video list") } 会列出全部。
refused-too-late =
    { $state ->
        [posted] { $id } 已经发布，没有什么可取消的了。
        [cancelled] { $id } 已经取消过了。
        [failed] { $id } 已经结束：没能做成。
        [rejected] { $id } 已经结束：版主没有通过。
        [uncertain] { $id } 无法取消：还不确定供应商是否收到了它，机器人的所有者正在查。
       *[other] { $id } 已经快完成，来不及取消了。
    }
refused-not-yours = 只有请求这个视频的成员或版主才能这样做。
refused-moderators-only = 只有版主才能在这里这样做：拥有「管理消息」权限或本服务器版主身份组的成员。
refused-managers-only = 只有拥有「管理服务器」权限的成员才能在这里这样做。
refused-disk-full = 我暂时没有空间存放更多视频：{ $limit } 快用完了。请稍后再试，或告诉机器人的运营者。
refused-try-again = 刚才没能做到，也没有计入次数。请一分钟后再试。
refused-server-only = 我只在服务器里工作。
refused-button-gone = 这个按钮已经失效。{ COMMAND("video list") } 会显示你的视频的最新情况。
refused-form-gone = 这个表单打开得太久，我没能收到。请重新运行命令。
refused-command-gone = 这个命令已经更新。请重新加载 Discord 后再试。
refused-unexpected = 我这边出了点问题。{ COMMAND("video list") } 会显示请求是否已被接收；如果没有，请再试一次。若一直这样，请把编号 { $number } 告诉机器人的运营者。

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
