# 模板：管理员编写的内容、面板上的文字，以及成员看到的提示。

command-videoadmin-template = 模板
    .description = 模板：成员一键就能制作的视频
command-videoadmin-template-add = 添加
    .description = 添加模板；同名的会被修改，面板也随之更新
command-videoadmin-template-list = 列表
    .description = 本服务器的模板
command-videoadmin-template-remove = 移除
    .description = 移除一个模板，它的面板会写明
command-videoadmin-template-export = 导出
    .description = 把全部模板导出为一个 JSON 文件
command-videoadmin-template-import = 导入
    .description = 添加文件里的模板，要么全部添加，要么都不添加
command-videoadmin-template-post = 发布
    .description = 发布带有「做同款」按钮的面板
option-name-videoadmin-template-add = 名称
    .description = 模板的名称
option-name-videoadmin-template-remove = 名称
    .description = 模板的名称
option-name-videoadmin-template-post = 名称
    .description = 模板的名称
option-prompt-videoadmin-template-add = 提示词
    .description = 视频里发生什么；成员的文字放在 {"{"}text{"}"} 处
option-picture = 图片
    .description = 成员是否提供图片（默认：不要）
option-example = 示例
    .description = 一个已发布视频的编号，用来展示效果
option-file = 文件
    .description = 在本服务器或其他服务器导出的 JSON 文件
option-channel = 频道
    .description = 发布到哪个频道
option-template = 模板
    .description = 用模板制作：提示词是模板的文字，图片1 是模板的图片
choice-required = 需要图片
choice-optional = 图片可选
choice-none = 不要图片

button-make-mine = 做同款
button-make-template = 做成模板
form-title-template = 把这个视频做成模板
form-text = 文字
form-picture = 图片
form-picture-kept = 已附上的图片会保留，除非你添加新的。
form-prompt-slot = 需要的话，在放成员文字的地方写 {"{"}text{"}"}。

from-template = 使用模板 { $name } 制作

panel-gives =
    { $words ->
        [yes] { $picture ->
            [required] 提供一张图片和几句话
            [optional] 提供几句话，图片可选
           *[none] 提供几句话
        }
       *[no] { $picture ->
            [required] 提供一张图片
            [optional] 图片可选
           *[none] 点一下按钮即可
        }
    }
panel-several = { $count } 个视频
panel-gone = **{ $name }** 已不再提供。你可以用 { COMMAND("video create") } 制作自己的视频。
panel-alt = { $name } 的示例，由 AI 生成

templates-none = 这里还没有模板。用 { COMMAND("videoadmin template add") } 编写一个，或在已发布的视频下点**更多**。
templates-head = **{ $count } 个模板**
templates-more = ……还有 { $count } 个，见 { COMMAND("videoadmin template export") }。
templates-example = 示例 { $id }
template-added = 已添加 **{ $name }**。
template-changed = 已修改 **{ $name }**，面板会随之更新。
template-next = 用 { COMMAND("videoadmin template post") } 发布面板；{ COMMAND("video create") } 也可以使用模板。
templates-imported = 文件已导入：新增 { $count } 个，修改 { $changed } 个。
template-removed = 已移除 **{ $name }**。它的面板会写明。
templates-exported = 这是 { $count } 个模板。文件不含示例。
template-posted = 面板马上会出现在 { $place }。

refused-template-name = { $value } 不能用作模板名称。请写 1 到 { $most } 个可见字符，不换行。
refused-template-in = { $holder } 还不能成为模板：
refused-template-file = 文件在 `{ $place }` 处无法读取：{ $value }。请使用 { COMMAND("videoadmin template export") } 导出的 JSON 文件。
refused-template-large = 文件超过 { $most } MB。请减少导出的模板。
refused-template-download = 无法取得这个文件。请重新附上。
refused-template-many = 一个服务器最多 { $most } 个模板。请先用 { COMMAND("videoadmin template remove") } 移除一个。
refused-template-unknown = 这里没有模板 { $holder }。请从输入时出现的列表中选择。
refused-template-gone = 这个模板已不再提供。你可以用 { COMMAND("video create") } 制作自己的视频。
refused-template-none = 这里没有可导出的模板。用 { COMMAND("videoadmin template add") } 编写一个。
refused-template-text = { $holder } 需要你写几句话。请填写**文字**或 `提示词`。
refused-template-no-text = { $holder } 不需要文字。请不要填写 `提示词`。
refused-template-picture = { $holder } 需要你提供图片。请添加到**图片**或 `图片1`。
refused-template-no-picture = { $holder } 不需要图片。请不要填写 `图片1`。
refused-template-options = 以下由模板决定：{ $models }。请不要填写，或不用模板制作。
refused-template-example = { $id } 不能用作示例。请使用本服务器已发布、未被隐藏、且不在私密或年龄限制频道里的视频编号。
refused-template-place = 面板不能放在 { $channels }。请选择文字频道或公告频道。
refused-template-permissions = 我无法在 { $channels } 发布：缺少 { $missing }。请在那里给我权限，然后再试。
