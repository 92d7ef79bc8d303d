# The cast: named pictures, the commands, the form and what is wrong with them.

command-cast = cast
    .description = Named pictures for your prompts
command-cast-add = add
    .description = Give pictures a name; then write @name in a prompt
command-cast-list = list
    .description = Your names and this server's
command-cast-show = show
    .description = The pictures of a name
command-cast-remove = remove
    .description = Remove a name; finished videos stay
command-Add-to-cast = Add to cast
option-cast = cast
    .description = Names from the cast, with spaces or commas between
option-name = name
    .description = A name: letters, digits and _
option-for = for
    .description = Yours in every server (default), or this server's (moderators)
choice-cast-me = me
choice-cast-server = server
field-cast_links = cast

form-title-cast = Add to cast
form-name = Name
form-for = For
form-cast-name-help = 2 to 32 letters, digits or _, without @.
form-cast-name-first = 2 to 32 letters, digits or _. The first { $limit } of { $count } pictures are taken.

cast-added-me =
    ✅ { $name } is yours, with { $count ->
        [one] one picture
       *[other] { $count } pictures
    }. Write { $name } in a prompt, or pick it in `cast` of { COMMAND("video create") }.
cast-added-server =
    ✅ { $name } is in this server's cast, with { $count ->
        [one] one picture
       *[other] { $count } pictures
    }. Everyone here can write { $name } in a prompt.
cast-pending = ⏳ The pictures of { $name } are still being fetched. { COMMAND("cast list") } shows when they are ready.
cast-refused = { $name } wasn't added:
cast-title = Cast
cast-own = **Yours** ({ $count } of { $most })
cast-of-server = **This server's** ({ $count } of { $most })
cast-empty = Nobody yet. { COMMAND("cast add") } gives pictures a name.
cast-servers-empty = Nobody yet. Moderators add names with { COMMAND("cast add") }.
cast-item-pending = { $name } ⏳
cast-shown-me = Yours, in every server I'm in.
cast-shown-server = This server's.
cast-pictures =
    { $count ->
        [one] One picture
       *[other] { $count } pictures
    }, { $size }, added { RELATIVE($ms) }
cast-pictures-pending = The pictures are still being fetched.
cast-removed = 🗑️ { $name } is removed. Finished videos stay, and requests under way keep the pictures.
cast-choice-server = { $name } (this server's)

show-cast = Cast
help-cast = **Named pictures**
    - { COMMAND("cast add") } gives pictures a name. Write `@name` in a prompt, or pick it in `cast`.
    - { COMMAND("cast list") } shows your names and this server's.
    - On a message with a picture: Apps → **Add to cast**.
mydata-cast =
    { $count ->
        [one] Your cast has one name with its pictures. It is kept until you remove it.
       *[other] Your cast has { $count } names with their pictures. They are kept until you remove them.
    }

refused-cast-name = { $name } can't be a name. Use { $least } to { $most } letters, digits or `_`, and neither `everyone` nor `here`.
refused-cast-none = There is no picture in this message. Use it on a message with a picture, or run { COMMAND("cast add") }.
refused-cast-many = A name takes at most { $limit } pictures, and these are { $number }.
refused-cast-there = There already is a { $name }. Take another name, or remove that one first with { COMMAND("cast remove") }.
refused-cast-full =
    { $owner ->
        [server] This server's cast is full: { $limit } names. Remove one first with { COMMAND("cast remove") }.
       *[me] Your cast is full: { $limit } names. Remove one first with { COMMAND("cast remove") }.
    }
refused-cast-unknown = Nobody is called { $name } in your cast or this server's. { COMMAND("cast list") } shows them all.
refused-cast-gone = This name was removed just now.
refused-cast-left = A name in this request was removed just now. Ask again without it, or add it again with { COMMAND("cast add") }.
refused-cast-word = This server would hold a prompt with this name for a moderator, so it can't be in the server's cast. Take another name.
refused-cast-link = This server holds links for a moderator, so its cast takes attached files only. Attach the picture instead.
refused-cast-others = In this server, only your own pictures can be added. Use a message of yours, or ask for the file.

rule-cast-not-taken =
    { $field }: { $model } doesn't take any pictures, and you added { $count ->
        [one] { $count } picture
       *[other] { $count } pictures
    }. Leave the names out, or choose another model.
rule-cast-too-many =
    { $field }: { $model } takes at most { $most ->
        [one] { $most } picture
       *[other] { $most } pictures
    }, and with these names there are { $count }. Leave some out.
rule-cast-in-frames = { $value }: names can't be used together with a first or last frame. Write it without @, or use { COMMAND("video create") }.
rule-cast-unknown = { $field }: nobody is called { $value } in your cast or this server's. { COMMAND("cast list") } shows them all.
rule-cast-not-ready = { $value }: its pictures are still being fetched. Try again in a minute.
rule-cast-gone = { $field }: this picture is no longer stored. Add the name again with { COMMAND("cast add") }.
rule-cast-not-stored = The pictures couldn't be stored just now. Try again later.

decision-cast-added = 🎭 name added to the cast
decision-cast-removed = 🎭 name removed from the cast
log-decision-cast-added = 🎭 **Name added to this server's cast** · by { $by }
log-decision-cast-removed = 🎭 **Name removed from this server's cast** · by { $by }
