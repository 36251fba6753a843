"""How each agent tells of a session: its own tree of spans and events, in its own names, old ones and new ones.

What several levels repeat is repeated here too, as the agents do it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from demo.constants import CREDIT_PRICE_USD
from demo.traces_model import Call, Session, Tokens, ToolCall, Workflow
from demo.traces_otlp import CLIENT, ERROR, OK, UNSET, Attributes, Emitted, Log, Span, SpanEvent, Value
from demo.traces_workloads import trace_id
from demo.work import WEEKS
from demo.work_records import sha_of

GENAI_SCOPE, CLAUDE_SCOPE = "opentelemetry.instrumentation.genai", "com.anthropic.claude_code.events"
SNAPSHOTS = {
    "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
    "claude-opus-4-5": "claude-opus-4-5-20251101",
    "claude-haiku-4-5": "claude-haiku-4-5-20251001",
    "gpt-5-mini": "gpt-5-mini-2025-08-07",
}
# From this week on the triage agent's library has the names of today.
TRIAGE_UPDATED_ON: date = WEEKS[4]
NANO = Decimal(1_000_000_000)


def emit(session: Session) -> Emitted:
    """What the session's agent sends about it."""
    return EMITTERS[session.workflow](session)


def credits_of(usd: Decimal) -> Decimal:
    """USD in Copilot's AI units."""
    return usd / CREDIT_PRICE_USD


def nano_aiu(call: Call) -> int:
    """What Copilot says that a call costs, in billionths of an AI unit."""
    assert call.reported_usd is not None
    return int(credits_of(call.reported_usd) * NANO)


def _emitted(
    session: Session, scope: str, spans: list[Span], logs: list[Log] | None = None, **resource: Value | None
) -> Emitted:
    """Spans and records under the session's resource; in the names of what is added `_` stands for a dot."""
    about: Attributes = {
        "service.name": session.service,
        "service.version": session.version,
        **{name.replace("_", "."): value for name, value in resource.items()},
        **_vcs(session),
    }
    trace = session.session_id if session.workflow == "issue-triage" else trace_id(session.session_id)
    return Emitted(about, scope, trace, spans, logs or [])


def _vcs(session: Session) -> dict[str, Value | None]:
    """Where the work is done, as whoever starts an agent can say it."""
    return {
        "vcs.repository.url.full": f"https://github.com/{session.repository}" if session.repository else None,
        "vcs.ref.head.name": session.branch,
        "vcs.ref.head.revision": session.commit_sha,
    }


def _usage(tokens: Tokens, write: str = "cache_write") -> dict[str, Value | None]:
    """Token usage by the convention: the input holds what is cached."""
    return {
        "gen_ai.usage.input_tokens": tokens.input,
        "gen_ai.usage.output_tokens": tokens.output,
        "gen_ai.usage.cache_read.input_tokens": tokens.cache_read or None,
        f"gen_ai.usage.{write}.input_tokens": tokens.cache_write or None,
    }


def _tools(session: Session, parent: str) -> Iterator[Span]:
    for tool in session.tools:
        attributes: Attributes = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": tool.name,
            "gen_ai.tool.type": "function",
            "gen_ai.tool.call.id": tool.call_id,
            "gen_ai.conversation.id": session.session_id,
            # What must not be loaded.
            "gen_ai.tool.call.arguments": '{"path": "src/Cart.kt"}',
            "error.type": None if tool.is_success else "tool_error",
        }
        status = UNSET if tool.is_success else ERROR
        yield Span(
            *(tool.call_id, f"execute_tool {tool.name}", tool.started_at, tool.ended_at, attributes, parent),
            status=status,
        )


def _dependency_bot(session: Session) -> Emitted:
    """Names of today: a root whose totals its calls repeat."""
    root: dict[str, Value | None] = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "dependency-bot",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": session.calls[0].asked,
        "gen_ai.conversation.id": session.session_id,
        "gen_ai.usage.input_tokens": session.tokens.input,
        "gen_ai.usage.output_tokens": session.tokens.output,
    }
    if session.evidence == "change_id":
        root["vcs.change.id"] = session.pull_requests[0].rpartition("#")[2]
    spans = [Span("root", "invoke_agent dependency-bot", session.started_at, session.ended_at, root)]
    for call in session.calls:
        assert call.tokens
        attributes: Attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "anthropic",
            "gen_ai.request.model": call.asked,
            "gen_ai.response.model": SNAPSHOTS[call.answered],
            "gen_ai.response.id": f"msg_{call.request_id[4:]}",
            "gen_ai.response.finish_reasons": ["tool_use"],
            "gen_ai.conversation.id": session.session_id,
            "attempt": call.attempt if call.attempt > 1 else None,
            **_usage(call.tokens),
        }
        spans.append(
            Span(call.request_id, f"chat {call.asked}", call.started_at, call.ended_at, attributes, "root", CLIENT)
        )
    spans += _tools(session, "root")
    return _emitted(session, GENAI_SCOPE, spans, deployment_environment_name="production")


def _claude_usage(call: Call) -> dict[str, Value | None]:
    """Claude Code's own names: the input is what is not cached, and what is written has no class."""
    tokens = call.tokens
    return {
        "input_tokens": tokens.input_uncached if tokens else None,
        "output_tokens": tokens.output if tokens else None,
        "cache_read_tokens": tokens.cache_read if tokens else None,
        "cache_creation_tokens": tokens.cache_write if tokens else None,
    }


def _claude_event(session: Session, number: int, name: str, **more: Value | None) -> dict[str, Value | None]:
    person = session.person
    return {
        "event.name": name,
        "event.sequence": number,
        "session.id": session.session_id,
        "prompt.id": f"prompt-{session.session_id[:8]}",
        "user.email": person.email if person else None,
        "user.account_uuid": sha_of(f"claude/{person.login}")[:32] if person else None,
        **more,
    }


def _claude_call_event(session: Session, number: int, call: Call) -> Log:
    about: dict[str, Value | None] = {"model": call.answered, "request_id": call.request_id, "attempt": call.attempt}
    milliseconds = (call.ended_at - call.started_at) // timedelta(milliseconds=1)
    if not call.is_success:
        failed = _claude_event(session, number, "api_error", error="overloaded", status_code="529", **about)
        return Log("claude_code.api_error", call.ended_at, failed, "interaction")
    assert call.reported_usd is not None
    attributes = {
        **_claude_event(session, number, "api_request", duration_ms=milliseconds, **about),
        **_claude_usage(call),
        "cost_usd": float(call.reported_usd),
    }
    return Log("claude_code.api_request", call.ended_at, attributes, "interaction")


def _claude_code(session: Session) -> Emitted:
    """Claude Code with traces and events: both tell each call, and only the events what it costs."""
    interaction: Attributes = {"session.id": session.session_id, "span.type": "interaction", "user_prompt": "Add it."}
    spans = [Span("interaction", "claude_code.interaction", session.started_at, session.ended_at, interaction)]
    logs = []
    for number, call in enumerate(session.calls):
        attributes: Attributes = {
            "gen_ai.system": "anthropic",
            "gen_ai.request.model": call.asked,
            "model": call.asked,
            "session.id": session.session_id,
            "request_id": call.request_id,
            "attempt": call.attempt,
            "success": call.is_success,
            "stop_reason": "tool_use" if call.is_success else None,
            "error": None if call.is_success else "overloaded",
            "query_source": "repl_main_thread",
            **_claude_usage(call),
        }
        span = Span(call.request_id, "claude_code.llm_request", call.started_at, call.ended_at, attributes)
        status = UNSET if call.is_success else ERROR
        spans.append(replace(span, parent="interaction", status=status))
        logs.append(_claude_call_event(session, 2 * number, call))
    for number, tool in enumerate(session.tools):
        spans += _claude_tool(session, tool)
        if tool.decision:
            decided: Attributes = _claude_event(
                *(session, 2 * number + 1, "tool_decision"), tool_name=tool.name, decision=tool.decision, source="user"
            )
            logs.append(Log("claude_code.tool_decision", tool.started_at, {**decided, "tool_use_id": tool.call_id}))
    made = _emitted(session, CLAUDE_SCOPE, spans, logs)
    return replace(made, resource={**made.resource, "agent_spend.session.url": session.session_url})


def _claude_tool(session: Session, tool: ToolCall) -> Iterator[Span]:
    own: Attributes = {"session.id": session.session_id, "tool_name": tool.name, "tool_use_id": tool.call_id}
    yield Span(tool.call_id, "claude_code.tool", tool.started_at, tool.ended_at, own, "interaction")
    done: Attributes = {"session.id": session.session_id, "success": tool.is_success}
    key = f"{tool.call_id}/execution"
    yield Span(key, "claude_code.tool.execution", tool.started_at, tool.ended_at, done, tool.call_id)


def _code_review(session: Session) -> Emitted:
    """Claude Code in CI: events without traces, and one span of the pipeline. Numbers were texts once."""
    pipeline: Attributes = {
        "cicd.pipeline.name": "review",
        "cicd.pipeline.run.id": session.session_id[:8],
        "cicd.pipeline.result": session.pipeline_result,
        "session.id": session.session_id,
    }
    ended = session.ended_at + timedelta(seconds=20)
    spans = [Span("pipeline", "review", session.started_at - timedelta(seconds=30), ended, pipeline)]
    logs = [_claude_call_event(session, number, call) for number, call in enumerate(session.calls)]
    logs = [Log(log.event_name, log.at, log.attributes) for log in logs]
    made = _emitted(session, CLAUDE_SCOPE, spans, logs, team="quality-tools")
    about = {"cost_center": "CC-140", "agent_spend.task.id": session.task_id}
    return replace(made, resource={**made.resource, **about})


def _triage(session: Session) -> Emitted:
    """Deprecated names until its library was updated; a workflow around the calls, and verdicts as events."""
    is_old = session.started_at.date() < TRIAGE_UPDATED_ON
    root: Attributes = {
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.name": "issue-triage",
        "agent_spend.task.id": session.task_id,
        "agent_spend.issue.id": session.issue_id,
    }
    events, logs = [], []
    for number, verdict in enumerate(session.evaluations):
        judged: Attributes = {
            "gen_ai.evaluation.name": verdict.name,
            "gen_ai.evaluation.score.value": float(verdict.score) if verdict.score is not None else None,
            "gen_ai.evaluation.score.label": verdict.label,
            "gen_ai.evaluation.explanation": "Compared with what a maintainer decided.",
        }
        # The first library put events into spans, today's are log records; what comes later is one in any case.
        if is_old and number == 0:
            events.append(SpanEvent("gen_ai.evaluation.result", verdict.at, judged))
        else:
            logs.append(Log("gen_ai.evaluation.result", verdict.at, judged, "root"))
    ended = session.ended_at + timedelta(seconds=5)
    spans = [
        Span("root", "invoke_workflow issue-triage", session.started_at, ended, root, events=tuple(events)),
    ]
    for call in session.calls:
        assert call.tokens
        if is_old:
            usage: dict[str, Value | None] = {
                "gen_ai.system": "openai",
                "gen_ai.usage.prompt_tokens": call.tokens.input,
                "gen_ai.usage.completion_tokens": call.tokens.output,
            }
        else:
            usage = {"gen_ai.provider.name": "openai", **_usage(call.tokens)}
        attributes: Attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": call.asked,
            "gen_ai.response.model": SNAPSHOTS[call.answered],
            "gen_ai.response.finish_reasons": ["stop"],
            **usage,
        }
        spans.append(
            Span(call.request_id, f"chat {call.asked}", call.started_at, call.ended_at, attributes, "root", CLIENT)
        )
    for span in _tools(session, "root"):
        own = {key: value for key, value in span.attributes.items() if key != "gen_ai.conversation.id"}
        spans.append(replace(span, attributes=own))
    return _emitted(session, GENAI_SCOPE, spans, logs)


def _docs(session: Session) -> Emitted:
    """OpenInference's names, with the text that was asked."""
    chain: Attributes = {
        "openinference.span.kind": "CHAIN",
        "session.id": session.session_id,
        "workflow.name": "docs-writer",
    }
    spans = [Span("chain", "write", session.started_at, session.ended_at, chain)]
    for call in session.calls:
        assert call.tokens
        assert call.reported_usd is not None
        attributes: Attributes = {
            "openinference.span.kind": "LLM",
            "session.id": session.session_id,
            "workflow.name": "docs-writer",
            "llm.provider": "anthropic",
            "llm.system": "anthropic",
            "gen_ai.request.model": call.asked,
            "llm.model_name": SNAPSHOTS.get(call.answered, call.answered),
            "gen_ai.response.model": SNAPSHOTS.get(call.answered, call.answered),
            "input.value": call.prompt,
            "output.value": "A section.",
            "llm.token_count.prompt": call.tokens.input,
            "llm.token_count.completion": call.tokens.output,
            "llm.token_count.prompt_details.cache_read": call.tokens.cache_read,
            "llm.token_count.total": call.tokens.total,
            "llm.cost.total": float(call.reported_usd),
        }
        spans.append(
            Span(call.request_id, "ChatAnthropic", call.started_at, call.ended_at, attributes, "chain", CLIENT)
        )
    return _emitted(session, "openinference.instrumentation.langchain", spans)


def _release_notes(session: Session) -> Emitted:
    """Visual Studio's Copilot: a root for each turn in one trace, no usage at all, and numbers as texts."""
    spans = []
    for turn, (call, tool) in enumerate(zip(session.calls, session.tools, strict=True), start=1):
        key = f"turn/{turn}"
        attributes: Attributes = {
            "gen_ai.conversation.id": session.session_id,
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": "GitHub Copilot",
            "gen_ai.provider.name": "azure",
            "gen_ai.request.model": call.asked,
            "gen_ai.response.model": call.answered,
            "copilot_chat.client_id": "Microsoft.VisualStudio.Copilot",
            "copilot_chat.mode": "Agent",
            "copilot_chat.turn_count": str(turn),
        }
        ended = tool.ended_at if turn == len(session.calls) else call.ended_at
        spans.append(Span(key, "invoke_agent GitHub Copilot", call.started_at, ended, attributes))
        own: Attributes = {
            "virtual_parent.genai": key,
            "gen_ai.conversation.id": session.session_id,
            "gen_ai.provider.name": "other",
            "gen_ai.tool.name": tool.name,
            "gen_ai.tool.call.id": tool.call_id,
            "gen_ai.tool.call.result": "1 match in src/Cart.cs.",
            "gen_ai.operation.name": "execute_tool",
        }
        spans.append(Span(tool.call_id, f"execute_tool {tool.name}", tool.started_at, tool.ended_at, own, key))
    return _emitted(session, "", spans, service_namespace="visualstudio")


def _test_generator(session: Session) -> Emitted:
    """OpenLIT's names; its cost is its own estimate, and the result of the pipeline stands on the root."""
    root: Attributes = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "test-generator",
        "gen_ai.conversation.id": session.session_id,
        "cicd.pipeline.result": session.pipeline_result,
        "cicd.pipeline.run.id": session.session_id[:8],
    }
    spans = [Span("root", "invoke_agent test-generator", session.started_at, session.ended_at, root)]
    for call in session.calls:
        assert call.tokens
        assert call.reported_usd is not None
        attributes: Attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "anthropic",
            "gen_ai.request.model": call.asked,
            "gen_ai.response.model": call.answered,
            "gen_ai.conversation.id": session.session_id,
            "gen_ai.usage.cost": float(call.reported_usd),
            **_usage(call.tokens, "cache_creation"),
        }
        spans.append(
            Span(call.request_id, f"chat {call.asked}", call.started_at, call.ended_at, attributes, "root", CLIENT, OK)
        )
    spans += _tools(session, "root")
    return _emitted(session, "openlit.otel.tracing", spans)


def _commit_helper(session: Session) -> Emitted:
    """A gateway that tells what it was charged, in the names of the proposal; the change's state is known."""
    call = session.calls[0]
    assert call.tokens
    assert call.reported_usd is not None
    attributes: Attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": call.asked,
        "gen_ai.response.model": call.answered,
        "gen_ai.conversation.id": session.session_id,
        "gen_ai.usage.cost.amount": float(call.reported_usd),
        "gen_ai.usage.cost.currency": "USD",
        "gen_ai.usage.cost.source": "provider",
        "vcs.change.state": session.change_state,
        **_usage(call.tokens),
    }
    span = Span(call.request_id, f"chat {call.asked}", call.started_at, call.ended_at, attributes, None, CLIENT)
    return _emitted(session, GENAI_SCOPE, [span])


def copilot_spans(session: Session) -> list[Span]:
    """The tree of Copilot's agents: AI units and tokens stand on the calls and, added up, on the root again."""

    def about(tokens: Tokens, units: int) -> dict[str, Value | None]:
        return {
            "gen_ai.provider.name": "github",
            "gen_ai.conversation.id": session.session_id,
            "gen_ai.request.model": session.calls[0].asked,
            "github.copilot.nano_aiu": units,
            # A multiplier of requests: no money.
            "github.copilot.cost": 0.33,
            **_usage(tokens, "cache_creation"),
        }

    root: Attributes = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "copilot",
        "github.copilot.turn_count": len(session.calls),
        **about(session.tokens, sum(map(nano_aiu, session.calls))),
    }
    spans = [Span("root", "invoke_agent copilot", session.started_at, session.ended_at, root)]
    for call in session.calls:
        assert call.tokens
        attributes: Attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.response.model": call.answered,
            "gen_ai.response.finish_reasons": ["stop"],
            "github.copilot.initiator": "agent",
            **about(call.tokens, nano_aiu(call)),
        }
        spans.append(
            Span(call.request_id, f"chat {call.asked}", call.started_at, call.ended_at, attributes, "root", CLIENT)
        )
    return [*spans, *_tools(session, "root")]


def _copilot(session: Session) -> Emitted:
    spans = copilot_spans(session)
    git: Attributes = {
        "github.copilot.git.repository": session.repository,
        "github.copilot.git.branch": session.branch,
        "agent_spend.logs.url": session.logs_url,
    }
    root = replace(spans[0], attributes={**spans[0].attributes, **git})
    made = _emitted(session, "github.copilot", [root, *spans[1:]])
    # It says where it works in attributes of its own alone.
    return replace(made, resource={key: value for key, value in made.resource.items() if key.startswith("service.")})


EMITTERS: dict[Workflow, Callable[[Session], Emitted]] = {
    "dependency-update": _dependency_bot,
    "feature-work": _claude_code,
    "cloud-agent": _copilot,
    "issue-triage": _triage,
    "code-review": _code_review,
    "docs-writer": _docs,
    "release-notes": _release_notes,
    "test-generation": _test_generator,
    "commit-helper": _commit_helper,
    "github-copilot": _copilot,
}
