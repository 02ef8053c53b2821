import { render } from "preact";
import { App } from "./app.tsx";
import "./style/colours.css";
import "./style/layout.css";
import "./style/controls.css";
import "./style/table.css";
import "./style/deployment.css";

render(<App />, document.getElementById("page")!);
