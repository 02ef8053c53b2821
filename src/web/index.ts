// Knows the dashboard: a page for operators, which is a client of the API like any other.
// Must not know the other rooms; whoever serves the page takes its files by this door.
// Begin with page/app.tsx; bundle.ts makes the files of it.
export { createPage } from "./bundle.ts";
