# 角色：有名字的图片、命令、表单和错误。

command-cast = 角色
    .description = 在提示词里使用有名字的图片
command-cast-add = 添加
    .description = 给图片起名；之后在提示词里写 @名字
command-cast-list = 列表
    .description = 你的名字和本服务器的名字
command-cast-show = 查看
    .description = 查看某个名字的图片
command-cast-remove = 移除
    .description = 移除一个名字；已完成的视频保留
command-Add-to-cast = 添加到角色
option-cast = 角色
    .description = 角色的名字，用空格或逗号隔开
option-name = 名字
    .description = 名字：字母、文字、数字和 _
option-for = 归属
    .description = 你自己的，在所有服务器可用（默认），或本服务器的（版主）
choice-cast-me = 自己
choice-cast-server = 服务器
field-cast_links = 角色

form-title-cast = 添加到角色
form-name = 名字
form-for = 归属
form-cast-name-help = 2 到 32 个文字、字母、数字或 _，不带 @。
form-cast-name-first = 2 到 32 个文字、字母、数字或 _。{ $count } 张图片中取前 { $limit } 张。

cast-added-me = ✅ { $name } 已加入你的角色，共 { $count } 张图片。在提示词里写 { $name }，或在 { COMMAND("video create") } 的 `角色` 中选择。
cast-added-server = ✅ { $name } 已加入本服务器的角色，共 { $count } 张图片。这里的每个人都可以在提示词里写 { $name }。
cast-pending = ⏳ 还在获取 { $name } 的图片。{ COMMAND("cast list") } 会显示何时就绪。
cast-refused = 没有添加 { $name }：
cast-title = 角色
cast-own = **你的**（{ $count }/{ $most }）
cast-of-server = **本服务器的**（{ $count }/{ $most }）
cast-empty = 还没有。用 { COMMAND("cast add") } 给图片起名。
cast-servers-empty = 还没有。版主可用 { COMMAND("cast add") } 添加。
cast-item-pending = { $name } ⏳
cast-shown-me = 你的，在有我的所有服务器可用。
cast-shown-server = 本服务器的。
cast-pictures = { $count } 张图片，{ $size }，添加于 { RELATIVE($ms) }
cast-pictures-pending = 还在获取图片。
cast-removed = 🗑️ 已移除 { $name }。已完成的视频保留，进行中的请求继续使用这些图片。
cast-choice-server = { $name }（本服务器）

show-cast = 角色
help-cast = **有名字的图片**
    - { COMMAND("cast add") }：给图片起名。在提示词里写 `@名字`，或在 `角色` 中选择。
    - { COMMAND("cast list") }：你的名字和本服务器的名字。
    - 在有图片的消息上：应用 → **添加到角色**。
mydata-cast = 你的角色里有 { $count } 个名字及其图片，会一直保留到你移除为止。

refused-cast-name = { $name } 不能用作名字。请用 { $least } 到 { $most } 个文字、字母、数字或 `_`，且不能是 `everyone` 或 `here`。
refused-cast-none = 这条消息里没有图片。请在有图片的消息上使用，或运行 { COMMAND("cast add") }。
refused-cast-many = 一个名字最多 { $limit } 张图片，这里有 { $number } 张。
refused-cast-there = 已经有 { $name } 了。请换个名字，或先用 { COMMAND("cast remove") } 移除它。
refused-cast-full =
    { $owner ->
        [server] 本服务器的角色已满：{ $limit } 个名字。请先用 { COMMAND("cast remove") } 移除一个。
       *[me] 你的角色已满：{ $limit } 个名字。请先用 { COMMAND("cast remove") } 移除一个。
    }
refused-cast-unknown = 你和本服务器的角色里都没有 { $name }。{ COMMAND("cast list") } 会显示全部。
refused-cast-gone = 这个名字刚刚被移除了。
refused-cast-left = 这个请求里的一个名字刚刚被移除了。请去掉它再试，或用 { COMMAND("cast add") } 重新添加。
refused-cast-word = 带有这个名字的提示词在本服务器需要版主审核，因此不能加入服务器的角色。请换个名字。
refused-cast-link = 本服务器的链接需要版主审核，因此角色只接受上传的文件。请上传图片。
refused-cast-others = 在本服务器只能添加你自己的图片。请使用你自己的消息，或向对方要原文件。

rule-cast-not-taken = { $field }：{ $model } 不支持图片，而你添加了 { $count } 张。请去掉名字，或换一个模型。
rule-cast-too-many = { $field }：{ $model } 最多支持 { $most } 张图片，加上这些名字共有 { $count } 张。请减少一些。
rule-cast-in-frames = { $value }：名字不能与首帧或尾帧一起使用。请去掉 @，或使用 { COMMAND("video create") }。
rule-cast-unknown = { $field }：你和本服务器的角色里都没有 { $value }。{ COMMAND("cast list") } 会显示全部。
rule-cast-not-ready = { $value }：还在获取它的图片。请一分钟后再试。
rule-cast-gone = { $field }：这张图片已不再保存。请用 { COMMAND("cast add") } 重新添加这个名字。
rule-cast-not-stored = 现在无法保存图片。请稍后再试。

decision-cast-added = 🎭 添加角色名字
decision-cast-removed = 🎭 移除角色名字
log-decision-cast-added = 🎭 **本服务器的角色添加了一个名字** · 操作者 { $by }
log-decision-cast-removed = 🎭 **本服务器的角色移除了一个名字** · 操作者 { $by }
