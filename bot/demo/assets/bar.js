const [demoSecret, demoSlug] = hash.split(".");
const demoRoom = DEMO.rooms.find((room) => room.slug === demoSlug);

function demoViewer() {
  const kept = window.sessionStorage.getItem("demo-viewer");
  return kept && demoRoom?.people.includes(kept) ? { viewer_id: kept } : {};
}

function demoGo(slug) {
  window.location.hash = `${demoSecret}.${slug}`;
}

function demoBe(id) {
  window.sessionStorage.setItem("demo-viewer", id);
  if (demoRoom?.people.includes(id)) {
    ui.viewer.value = id;
    ui.viewer.dispatchEvent(new Event("change"));
  } else {
    demoGo(DEMO.rooms.find((room) => room.people.includes(id)).slug);
  }
}

function demoPicker(viewerId) {
  const label = document.createElement("label");
  const picker = document.createElement("select");
  picker.id = "demo-viewer";
  for (const person of DEMO.people) picker.append(new Option(person.name, person.id));
  picker.value = viewerId;
  picker.addEventListener("change", () => demoBe(picker.value));
  label.append("You are ", picker);
  return label;
}

function demoRooms(viewerId) {
  const list = document.createElement("div");
  list.className = "demo-rooms";
  let server = "";
  for (const room of DEMO.rooms.filter((each) => each.people.includes(viewerId))) {
    if (room.server && room.server !== server) {
      server = room.server;
      list.append(Object.assign(document.createElement("span"), { textContent: server }));
    }
    const button = Object.assign(document.createElement("button"), {
      type: "button", textContent: room.label || `#\u2009${room.slug}`,
    });
    button.dataset.room = room.slug;
    if (room.slug === demoSlug) button.setAttribute("aria-current", "page");
    button.addEventListener("click", () => demoGo(room.slug));
    list.append(button);
  }
  return list;
}

function demoBar(viewerId) {
  const bar = document.getElementById("demo-bar");
  const person = DEMO.people.find((each) => each.id === viewerId);
  if (!bar || !person) return;
  if (bar.dataset.viewer === viewerId) {
    document.getElementById("demo-viewer").value = viewerId;
    return;
  }
  bar.dataset.viewer = viewerId;
  window.sessionStorage.setItem("demo-viewer", viewerId);
  const hint = Object.assign(document.createElement("p"), { textContent: person.hint });
  bar.replaceChildren(demoPicker(viewerId), demoRooms(viewerId), hint);
}
