# Templates: what managers write, what panels show, and what members read about them.

command-videoadmin-template = template
    .description = Templates: videos that members make with one press
command-videoadmin-template-add = add
    .description = Add a template, or change the one of that name and its panels
command-videoadmin-template-list = list
    .description = The templates of this server
command-videoadmin-template-remove = remove
    .description = Remove a template; its panels then say so
command-videoadmin-template-export = export
    .description = All templates as one JSON file
command-videoadmin-template-import = import
    .description = Add the templates of a file, all or none
command-videoadmin-template-post = post
    .description = Post a panel with the button Make mine
option-name-videoadmin-template-add = name
    .description = The template's name
option-name-videoadmin-template-remove = name
    .description = The template's name
option-name-videoadmin-template-post = name
    .description = The template's name
option-prompt-videoadmin-template-add = prompt
    .description = What happens in the video, with {"{"}text{"}"} where the member's words go
option-picture = picture
    .description = Whether a member gives a picture (default: none)
option-example = example
    .description = The id of a posted video that shows what comes out
option-file = file
    .description = A JSON file from export, from here or another server
option-channel = channel
    .description = In which channel
option-template = template
    .description = Make it with a template: prompt is its text, image1 its picture
choice-required = A picture is needed
choice-optional = A picture if you like
choice-none = No picture

button-make-mine = Make mine
button-make-template = Make template
form-title-template = Make a template of this video
form-text = Text
form-picture = Picture
form-picture-kept = The picture you attached is kept unless you add another.
form-prompt-slot = Write {"{"}text{"}"} where the member's words go, if anywhere.

from-template = Made with the template { $name }

# A panel.
panel-gives =
    { $words ->
        [yes] { $picture ->
            [required] Give a picture and a few words
            [optional] Give a few words, and a picture if you like
           *[none] Give a few words
        }
       *[no] { $picture ->
            [required] Give a picture
            [optional] Give a picture if you like
           *[none] Just press the button
        }
    }
panel-several =
    { $count ->
        [one] { $count } video
       *[other] { $count } videos
    }
panel-gone = **{ $name }** isn't offered any more. Make a video of your own with { COMMAND("video create") }.
panel-alt = An example of { $name }, made by AI

# To managers.
templates-none = There are no templates here yet. Write one with { COMMAND("videoadmin template add") }, or press **More** under a posted video.
templates-head =
    { $count ->
        [one] **{ $count } template**
       *[other] **{ $count } templates**
    }
templates-more = … and { $count } more, in { COMMAND("videoadmin template export") }.
templates-example = example { $id }
template-added = **{ $name }** is added.
template-changed = **{ $name }** is changed, and its panels with it.
template-next = Post a panel with { COMMAND("videoadmin template post") }; { COMMAND("video create") } takes templates too.
templates-imported = The file is imported: { $count } new, { $changed } changed.
template-removed = **{ $name }** is removed. Its panels will say so.
templates-exported =
    { $count ->
        [one] Here is { $count } template. Examples aren't in the file.
       *[other] Here are { $count } templates. Examples aren't in the file.
    }
template-posted = The panel will be in { $place } in a moment.

refused-template-name = { $value } can't be a template's name. Write 1 to { $most } visible characters in one line.
refused-template-in = { $holder } can't be a template yet:
refused-template-file = This file can't be read at `{ $place }`: { $value }. Use a JSON file from { COMMAND("videoadmin template export") }.
refused-template-large = This file is larger than { $most } MB. Export fewer templates.
refused-template-download = I couldn't fetch this file. Attach it again.
refused-template-many = A server can have { $most } templates. Remove one with { COMMAND("videoadmin template remove") } first.
refused-template-unknown = There is no template { $holder } here. Pick one from the list that opens as you type.
refused-template-gone = This template isn't offered any more. Make a video of your own with { COMMAND("video create") }.
refused-template-none = There are no templates here to export. Write one with { COMMAND("videoadmin template add") }.
refused-template-text = { $holder } needs a few words from you. Write them in **Text** or `prompt`.
refused-template-no-text = { $holder } takes no words. Leave `prompt` out.
refused-template-picture = { $holder } needs a picture from you. Add it in **Picture** or `image1`.
refused-template-no-picture = { $holder } takes no picture. Leave `image1` out.
refused-template-options = A template decides this itself: { $models }. Leave it out, or make the video without a template.
refused-template-example = { $id } can't be the example. Use the id of a video that is posted here, isn't hidden, and isn't from a private or age-restricted channel.
refused-template-place = A panel can't stand in { $channels }. Choose a text or announcement channel.
refused-template-permissions = I can't post in { $channels }: I'm missing { $missing }. Allow it for me there, then try again.
