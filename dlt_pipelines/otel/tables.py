"""The flat, typed raw tables of agent traces. Attribute names behind each column: seeds/otel_attribute_names.csv."""

from __future__ import annotations

from dlt_pipelines.manifest import REPORT_LOADS
from dlt_pipelines.schema import Column, Dataset, Table, count, flag, instant, number, text

LOAD_KEY = text(
    "report_load_key",
    "The reading that the row came from; only keys that report_loads names as current count.",
    required=True,
)
RECORD_ORDINAL = count(
    "record_ordinal", "Number of the record within its reading; with double deliveries there is one per delivery."
)

EMITTER = (
    text("service_name", "service.name of the resource."),
    text("service_version", "service.version of the resource."),
    text("deployment_environment", "deployment.environment.name, or the older deployment.environment."),
    text("scope_name", "Instrumentation scope."),
    text("scope_version", "Version of the instrumentation scope."),
)

MAPPED: tuple[Column, ...] = (
    text("operation_name", "chat, invoke_agent, execute_tool, … as the emitter writes it."),
    text("provider_name", "Provider as the emitter writes it."),
    text("request_model", "Model that was asked."),
    text("response_model", "Model that answered."),
    count("input_tokens", "Input tokens; whether cached ones are among them tells input_tokens_attribute."),
    text("input_tokens_attribute", "Name that input_tokens was read from."),
    count("output_tokens", "Output tokens, reasoning included."),
    count("cache_read_tokens", "Read from the cache."),
    count("cache_write_tokens", "Written to the cache: the total, or where the class is not told."),
    count("cache_write_5m_tokens", "Written to the cache for five minutes."),
    count("cache_write_1h_tokens", "Written to the cache for an hour."),
    count("reasoning_tokens", "Reasoning, a part of the output."),
    number("reported_cost", "Money that the emitter reports; NULL is unknown, not 0."),
    text("reported_cost_currency", "Its currency; NULL where nobody says."),
    text("reported_cost_source", "provider (billed) or local (the agent's own estimate)."),
    text("reported_cost_attribute", "Name that reported_cost was read from."),
    count("nano_aiu", "AI units of GitHub Copilot times 1e9: no money."),
    text("session_id", "Session or conversation."),
    text("agent_id", "Id of the agent."),
    text("agent_name", "Name of the agent."),
    text("agent_version", "Version of the agent."),
    text("parent_agent_id", "Agent that started this one."),
    text("workflow_name", "Workflow, as the emitter names it."),
    text("workflow_run_id", "Run of the workflow."),
    text("task_id", "Task that the work is for, where whoever started the agent says so."),
    text("tool_name", "Tool that was called."),
    text("tool_call_id", "Id of the tool call."),
    text("request_id", "Id of the request at the provider; one for both sides of a call."),
    text("response_id", "Id of the response at the provider."),
    count("attempt", "Which attempt it was, from 1."),
    flag("is_success", "Whether the operation succeeded, where the emitter says so: no word about the task."),
    text("finish_reason", "Why the model stopped; several are parted by commas."),
    text("error_type", "Kind of error."),
    text("effort", "Reasoning effort that was asked."),
    text("query_source", "What in the agent asked: main loop, subagent, title, …"),
    text("initiator", "user or agent."),
    text("repository", "owner/name in lower case."),
    text("branch", "Branch, without what may be a login."),
    text("commit_sha", "Commit."),
    text("change_id", "Number or id of the pull request."),
    text("change_state", "open, wip, closed or merged."),
    text("issue_id", "Issue, where whoever started the agent says so."),
    text("pipeline_result", "success, failure, error, timeout, skip or cancellation."),
    text("pipeline_run_id", "Run of the pipeline."),
    text("session_url", "Address of the session."),
    text("logs_url", "Address of the logs, its branch masked likewise."),
    text("user_key", "Keyed pseudonym of whoever used the agent."),
    text("user_namespace", "What the pseudonym was made of: email, anthropic_user or otel_user."),
    text("team_name", "Team, from the resource attributes of whoever runs the agent."),
    text("cost_center", "Cost centre, from there too."),
    text(
        "content_hash",
        "Keyed digest (HMAC-SHA-256) of the input text, where it is on the record; the text itself is not loaded.",
    ),
    count("input_bytes", "Bytes of the input text."),
    count("output_bytes", "Bytes of the output text."),
    text("extra", "Attributes that no column has, as a JSON object of texts; no content and nobody's name among them."),
)

SPANS = Table(
    "spans",
    "span as delivered; one that was delivered twice is there twice",
    ("report_load_key", "record_ordinal"),
    (
        LOAD_KEY,
        RECORD_ORDINAL,
        text("trace_id", "32 hex digits in lower case.", required=True),
        text("span_id", "16 hex digits in lower case.", required=True),
        text("parent_span_id", "Span above it; NULL at a root."),
        text("span_name", "Name."),
        text("span_kind", "internal, server, client, producer or consumer; NULL where it is not told."),
        instant("started_at", "Start, cut to microseconds.", required=True),
        instant("ended_at", "End, cut to microseconds; NULL where the span was not ended."),
        count("duration_ns", "End less start in nanoseconds."),
        text("status_code", "unset, ok or error: of the operation, not of the task."),
        *EMITTER,
        *MAPPED,
    ),
)

EVENTS = Table(
    "events",
    "log record or span event that bears usage or an outcome, as delivered",
    ("report_load_key", "record_ordinal"),
    (
        LOAD_KEY,
        RECORD_ORDINAL,
        text("event_source", "log_record or span_event.", required=True),
        text("event_name", "Name of the event.", required=True),
        instant("occurred_at", "When it happened, cut to microseconds.", required=True),
        text("trace_id", "Trace that it belongs to, where it is told."),
        text("span_id", "Span that it belongs to, where it is told."),
        *EMITTER,
        count("event_sequence", "event.sequence: number of the event within its session."),
        text("prompt_id", "prompt.id: joins the events of one prompt."),
        *MAPPED,
        text("evaluation_name", "Name of the evaluation."),
        text("evaluation_label", "Its label, such as pass or fail."),
        number("evaluation_score", "Its score."),
        text("decision", "accept or reject, of a tool's use."),
        text("decision_source", "Who or what decided."),
    ),
)

METRIC_POINTS = Table(
    "metric_points",
    "point of an agent's metric, as delivered",
    ("report_load_key", "record_ordinal"),
    (
        LOAD_KEY,
        RECORD_ORDINAL,
        text("metric_name", "Name of the metric.", required=True),
        text("unit", "Unit, as written."),
        text("point_type", "gauge, sum or histogram."),
        text("temporality", "delta or cumulative; NULL for gauges."),
        flag("is_monotonic", "Whether the sum only grows; NULL for other points."),
        instant("started_at", "Start of what the point counts."),
        instant("observed_at", "When it was observed.", required=True),
        number("value", "Value; the sum of a histogram."),
        count("count", "Measurements in a histogram."),
        text("service_name", "service.name of the resource."),
        text("session_id", "Session, where the point carries it."),
        text("request_model", "Model, where the point carries it."),
        text("token_type", "Class of tokens, as written."),
        text("extra", "Other attributes as a JSON object of texts; nobody's name among them."),
    ),
)

REJECTED_LINES = Table(
    "rejected_lines",
    "line, or record of a line, that could not be read",
    ("report_load_key", "line_number", "reason"),
    (
        LOAD_KEY,
        text("source_file", "File, by its name below the folder.", required=True),
        count("line_number", "Line of the file, from 1."),
        text("reason", "What is wrong with it; never what it holds.", required=True),
    ),
)

FILE_READINGS = Table(
    "file_readings",
    "reading of a part of a file",
    ("report_load_key", "source_file", "bytes_from"),
    (
        LOAD_KEY,
        text("source_file", "File, by its name below the folder.", required=True),
        text("content_key", "SHA-256 of the first line, of 64 KiB at most: a renamed file keeps it.", required=True),
        count("bytes_from", "Byte of the unpacked content at which the reading began."),
        count("bytes_to", "Byte after the last one that was read."),
        text("format", "otlp_json, copilot_cli or clickhouse_table.", required=True),
        text("signals", "What was in it: traces, logs, metrics; several are parted by commas."),
        count("lines", "Lines."),
        count("bad_lines", "Lines of which something was rejected."),
        count("spans", "Spans that were loaded."),
        count("events", "Events that were loaded."),
        count("metric_points", "Metric points that were loaded."),
        count("ignored_events", "Log records and events of spans that bear neither usage nor an outcome: left out."),
        count("ignored_points", "Points of metrics that are no agent's, and of summaries: left out."),
    ),
)

DATASET = Dataset(
    "otel",
    "raw_otel",
    "Agent traces, usage-bearing events and metrics, as extracted; people are keyed pseudonyms, content is left out.",
    (REPORT_LOADS, SPANS, EVENTS, METRIC_POINTS, REJECTED_LINES, FILE_READINGS),
    adds_up=True,
)
