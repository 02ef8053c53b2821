import { Argument, type Command } from "commander";
import type { Shell } from "../shell.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

const NOTES = `
  bash: trayload completion bash > ~/.local/share/bash-completion/completions/trayload
  zsh:  trayload completion zsh > ~/.zfunc/_trayload      (with fpath+=~/.zfunc before compinit)
  fish: trayload completion fish > ~/.config/fish/completions/trayload.fish`;

/** Made of the commands themselves, so that nothing is missing; to be added when all others are there. */
export function addCompletionCommand(program: Command, shell: Shell): void {
  program
    .command("completion")
    .description("write what completes commands and options in your shell")
    .addArgument(new Argument("<shell>", "yours").choices(SHELLS))
    .addHelpText("after", NOTES)
    .action((name: (typeof SHELLS)[number]) => shell.terminal.out.write(SCRIPTS[name](wordsOf(program, []))));
}

/** Commands by the words that lead there, with what may follow: further commands or arguments, options, and the values of options. */
interface Place {
  path: string;
  commands: { word: string; about: string }[];
  /** Those of which there are only so many. */
  arguments: { word: string; about: string }[];
  options: { word: string; about: string; values: readonly string[] }[];
}

function wordsOf(command: Command, path: readonly string[]): Place[] {
  const inherited = path.length === 0 ? [] : rootOf(command).options;
  const options = [...command.options, ...inherited].filter(({ long }) => long !== undefined);
  const place: Place = {
    path: path.join(" "),
    commands: command.commands.map((one) => ({ word: one.name(), about: one.description() })),
    arguments: command.registeredArguments.flatMap(({ argChoices = [], description }) =>
      argChoices.map((word) => ({ word, about: description })),
    ),
    options: [
      ...options.map(({ long, description, argChoices = [] }) => ({
        word: long!,
        about: description,
        values: argChoices,
      })),
      { word: "--help", about: "show help", values: [] },
    ],
  };
  return [place, ...command.commands.flatMap((one) => wordsOf(one, [...path, one.name()]))];
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

/** What may stand behind a place, but for values of options. */
const followers = ({ commands, arguments: some, options }: Place) => [...commands, ...some, ...options];

/** Options of which there are only so many values, with the place where they stand. */
const valuesOf = (places: Place[]) =>
  places.flatMap(({ path, options }) =>
    options.flatMap(({ word, values }) => (values.length === 0 ? [] : [[path, word, values] as const])),
  );

const SCRIPTS: Record<(typeof SHELLS)[number], (places: Place[]) => string> = { bash, zsh, fish };

/** In both, the words that are no options and are known below the last one lead to a place. */
function bash(places: Place[]): string {
  const cases = places.map(
    (place) =>
      `    "${place.path}") words="${followers(place)
        .map(({ word }) => word)
        .join(" ")}" ;;`,
  );
  const values = valuesOf(places).map(
    ([path, word, some]) => `    "${path} ${word}") words="${some.join(" ")}" ;;`,
  );
  return `# bash completion of trayload; made by \`trayload completion bash\`.
_trayload() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" words="" word next
  local paths=" ${places.map(({ path }) => path.replaceAll(" ", "/")).join(" ")} "
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path/}$word"
    [[ "$paths" == *" $next "* ]] && path="$next"
  done
  path="\${path//\\// }"
  case "$path $previous" in
${values.join("\n")}
  esac
  [ -n "$words" ] || case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _trayload trayload
`;
}

function zsh(places: Place[]): string {
  const shown = ({ word, about }: { word: string; about: string }) =>
    `'${word}:${about.replaceAll("'", "'\\''").replaceAll(":", "\\:")}'`;
  const cases = places.map(
    (place) => `    "${place.path}") found=(${followers(place).map(shown).join(" ")}) ;;`,
  );
  const values = valuesOf(places).map(
    ([path, word, some]) => `    "${path} ${word}") found=(${some.join(" ")}) ;;`,
  );
  return `#compdef trayload
# zsh completion of trayload; made by \`trayload completion zsh\`.
_trayload() {
  # Not "path", which is zsh's own.
  local place="" next word
  local -a found places=(${places.map(({ path }) => `"${path}"`).join(" ")})
  for word in "\${words[@]:1:$((CURRENT-2))}"; do
    next="\${place:+$place }$word"
    (( \${places[(Ie)$next]} )) && place="$next"
  done
  case "$place \${words[CURRENT-1]}" in
${values.join("\n")}
  esac
  (( $#found )) || case "$place" in
${cases.join("\n")}
  esac
  _describe 'trayload' found || _files
}
_trayload "$@"
`;
}

function fish(places: Place[]): string {
  const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = places.flatMap(({ path, commands, arguments: some, options }) => {
    const below = commands.map(({ word }) => word).join(" ");
    const seen = path.split(" ").filter(Boolean);
    const conditions = [
      ...seen.map((word) => `__fish_seen_subcommand_from ${word}`),
      ...(below === "" ? [] : [`not __fish_seen_subcommand_from ${below}`]),
    ];
    const when = conditions.length === 0 ? "" : ` -n ${quoted(conditions.join("; and "))}`;
    return [
      ...[...commands, ...some].map(
        ({ word, about }) => `complete -c trayload${when} -f -a ${word} -d ${quoted(about)}`,
      ),
      ...options.map(({ word, about, values }) => {
        const given = values.length === 0 ? "" : ` -x -a ${quoted(values.join(" "))}`;
        return `complete -c trayload${when} -l ${word.slice(2)} -d ${quoted(about)}${given}`;
      }),
    ];
  });
  return `# fish completion of trayload; made by \`trayload completion fish\`.\n${lines.join("\n")}\n`;
}
