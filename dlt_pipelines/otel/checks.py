"""What `agent-spend doctor` tries of agent traces: whether there are files, and of which form they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dlt_pipelines.checks import Check, failed
from dlt_pipelines.errors import AgentSpendError, ConfigurationError, ExitCode, RejectedFile
from dlt_pipelines.otel.files import look_into, trace_files
from dlt_pipelines.otel.settings import OtelSettings

SUBJECT = "agent traces"
# Whose beginnings are looked at: of a store with more, the first ones stand for all.
LOOKED_AT_FILES = 500


def checks(settings: OtelSettings) -> Iterator[Check]:
    """Looks at the beginning of the files; nothing is loaded."""
    forms: Counter[str] = Counter()
    refused: list[AgentSpendError] = []
    try:
        files = trace_files(settings)
    except ConfigurationError as error:
        yield failed(SUBJECT, error)
        return
    for file in files[:LOOKED_AT_FILES]:
        try:
            content = look_into(file)
        except RejectedFile as problem:
            refused.append(problem)
        except OSError as error:
            refused.append(AgentSpendError(f"{file.name} cannot be read: {error.strerror or type(error).__name__}"))
        else:
            forms[content.form if content else "empty"] += 1
    told = ", ".join(f"{number:,} {form}" for form, number in sorted(forms.items()))
    if refused:
        detail = f"{len(refused)} files that cannot be read, such as {refused[0]}"
        yield Check(SUBJECT, False, detail, ExitCode.REJECTED_DATA)
    else:
        yield Check(SUBJECT, True, f"{len(files):,} files: {told}")
