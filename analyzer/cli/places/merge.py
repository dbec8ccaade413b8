"""Other people's configuration and ours → both in one text, nothing of theirs lost; or an error that shows ours."""

from __future__ import annotations

import json
import re
from typing import Any

from ...failure import UserError

_LABEL = "backend-audit"
_COMPONENT = re.compile(r'<component name="ProjectTasksOptions"[^>]*?(?P<closed>/)?>')
_OUR_WATCHER = re.compile(
    r"[ \t]*<TaskOptions\b(?:(?!</TaskOptions>).)*?<option name=\"name\" value=\"backend-audit\" />"
    r"(?:(?!</TaskOptions>).)*</TaskOptions>[ \t]*\r?\n?",
    re.DOTALL,
)
_REPOS = re.compile(r"^repos:[ \t]*(?:#[^\r\n]*)?$", re.MULTILINE)
_ITEM = re.compile(r"^([ ]*)-[ ]+repo:", re.MULTILINE)
_KEY = re.compile(r"^[^\s#-][^\r\n]*:", re.MULTILINE)
_OUR_HOOK = re.compile(r"^[ ]*-[ ]+id:[ ]*[\"']?backend-audit[\"']?[ ]*(?:#.*)?$", re.MULTILINE)


def with_task(existing: str, ours: str, force: bool) -> str:
    """tasks.json with our task; one that is there is replaced with `force`. Refused where comments would be lost."""
    [task] = json.loads(ours)["tasks"]
    by_hand = f'add this to "tasks":\n{json.dumps(task, indent=2, ensure_ascii=False)}'
    try:
        whole = json.loads(existing.removeprefix("\ufeff"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        why = "holds more than plain JSON, comments perhaps, and is left alone"
        raise UserError(f".vscode/tasks.json {why}", by_hand) from None
    tasks = whole.setdefault("tasks", []) if isinstance(whole, dict) else None
    if not isinstance(tasks, list):
        raise UserError(".vscode/tasks.json holds no list of tasks, and is left alone", by_hand)
    whole.setdefault("version", "2.0.0")
    places = [n for n, other in enumerate(tasks) if isinstance(other, dict) and other.get("label") == _LABEL]
    if places and not force:
        return existing
    if places:
        tasks[places[0]] = task
    else:
        tasks.append(task)
    indent = re.search(r"\n([ \t]+)", existing)
    text = json.dumps(whole, indent=indent[1] if indent else 2, ensure_ascii=False) + "\n"
    return existing if json.loads(existing.removeprefix("\ufeff")) == whole else _like(existing, text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, if no key is written twice: one of the two would be lost."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is written twice")
    return found


def with_watcher(existing: str, ours: str, force: bool) -> str:
    """watcherTasks.xml with our watcher; one that is there is replaced with `force`."""
    start, end = ours.index("    <TaskOptions"), ours.index("  </component>")
    watcher = ours[start:end]
    there = _OUR_WATCHER.search(existing)
    if there:
        return existing[: there.start()] + _like(existing, watcher) + existing[there.end() :] if force else existing
    component = _COMPONENT.search(existing)
    close = existing.find("</component>", component.end()) if component and not component["closed"] else -1
    if close < 0:
        why = "holds no list of watchers, and is left alone"
        raise UserError(f".idea/watcherTasks.xml {why}", f"the watcher:\n{watcher}")
    line = existing.rfind("\n", 0, close) + 1
    at = line if not existing[line:close].strip() else close
    return existing[:at] + _like(existing, watcher) + existing[at:]


def with_hook(existing: str, ours: str) -> str:
    """.pre-commit-config.yaml with our hook as the last one; one that is there stays as it is."""
    if _OUR_HOOK.search(existing):
        return existing
    hook = ours.removeprefix("repos:\n")
    repos = _REPOS.findall(existing)
    items = {found[1] for found in _ITEM.finditer(existing)}
    if len(repos) != 1 or len(items) != 1:
        raise UserError(
            ".pre-commit-config.yaml is written in a way that is not understood, and is left alone",
            f'add this to "repos":\n{hook}',
        )
    [indent] = items
    end = _end_of_repos(existing, [found.start() for found in _ITEM.finditer(existing)][-1])
    between = "" if existing[:end].endswith("\n") else "\n"
    ours = between + re.sub(r"^  ", indent, hook, flags=re.MULTILINE)
    return existing[:end] + _like(existing, ours) + existing[end:]


def _end_of_repos(text: str, last: int) -> int:
    """Where the list ends whose last item starts at an offset; comments right above the next key belong to that."""
    after = _KEY.search(text, text.find("\n", last) + 1)
    if after is None:
        return len(text)
    end = after.start()
    while (line := text.rfind("\n", 0, end - 1) + 1) > last and text[line:end].startswith("#"):
        end = line
    return end


def _like(existing: str, text: str) -> str:
    """The text with the ends of line that the existing one has."""
    return text.replace("\n", "\r\n") if "\r\n" in existing else text
