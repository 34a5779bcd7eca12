"""Whole runs against providers and gateways as they answer, in their own words: one row for each way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web

from soniclayer.evaluators.chat import asking
from soniclayer.run import Run, State
from tests.chat_evaluator import evaluator, open_endpoint
from tests.fakes import persona, segments
from tests.stub_server import Call, Stub, answer, changed, completion, streamed

Respond = Callable[[Call], web.Response | None]
MOST_CALLS_IN_VAIN = 6


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "FIRST_BACKOFF_S", 0.01)
    monkeypatch.setattr(asking, "LONGEST_BACKOFF_S", 0.02)


async def run_against(stub: Stub, respond: Respond) -> Run:
    stub.respond = respond
    async with open_endpoint(stub.url, key="sk-test") as endpoint:
        run = Run(segments(4), [persona("a"), persona("b")], evaluator(endpoint), in_flight=32)
        await run.execute()
    return run


def says(status: int, body: Any) -> web.Response:
    if isinstance(body, str):
        return web.Response(status=status, text=body, content_type="text/html" if "<" in body else "text/plain")
    return web.json_response(body, status=status)


def error(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


@dataclass(frozen=True)
class Refusal:
    """What a server says to a request that has something it does not take."""

    name: str
    when: Callable[[dict[str, Any]], bool]
    status: int
    body: Any


def sends(name: str) -> Callable[[dict[str, Any]], bool]:
    return lambda body: name in body


def output(*types: str) -> Callable[[dict[str, Any]], bool]:
    return lambda body: body.get("response_format", {}).get("type") in types


REFUSALS = [
    Refusal(
        "Mistral: extra inputs in message.detail", sends("prompt_cache_key"), 422,
        {"object": "error", "type": "invalid_request_error", "message": {"detail": [
            {"type": "extra_forbidden", "loc": ["body", "prompt_cache_key"],
             "msg": "Extra inputs are not permitted"}]}},
    ),
    Refusal(
        "Cohere: only text and json_object", output("json_schema"), 400,
        {"message": "invalid request: response_format.type must be one of text, json_object"},
    ),
    Refusal(
        "OpenAI: the default temperature only", sends("temperature"), 400,
        error("Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is "
              "supported.", type="invalid_request_error", param="temperature", code="unsupported_value"),
    ),
    Refusal(
        "Groq: no json_schema", output("json_schema"), 400,
        error("This model does not support response format `json_schema`. See supported models at https://console"),
    ),
    Refusal(
        "Perplexity: a type it does not know", output("json_schema", "json_object"), 400,
        error("At body -> response_format -> type: Input should be 'text' or 'regex'",
              type="invalid_response_format", code=400),
    ),
    Refusal(
        "Bedrock: an extraneous key", sends("prompt_cache_key"), 400,
        {"message": "Malformed input request: #: extraneous key [prompt_cache_key] is not permitted, please reformat "
                    "your input and try again."},
    ),
    Refusal(
        "Gemini: an unknown name", sends("prompt_cache_key"), 400,
        [error('Invalid JSON payload received. Unknown name "prompt_cache_key": Cannot find field.', code=400,
               status="INVALID_ARGUMENT", details=[{"fieldViolations": [{"description": "Unknown name"}]}])],
    ),
    Refusal(
        "Gemini: additionalProperties", lambda body: "additionalProperties" in json.dumps(body), 400,
        [error("Invalid JSON payload received. Unknown name \"additionalProperties\" at "
               "'generation_config.response_schema': Cannot find field.", code=400)],
    ),
    Refusal(
        "DeepSeek: a type unavailable now", output("json_schema"), 400,
        error("This response_format type is unavailable now", type="invalid_request_error"),
    ),
    Refusal(
        "Fireworks: long answers are streamed",
        lambda body: body.get("max_tokens", 0) > 4096 and not body.get("stream"), 400,
        error("Requests with max_tokens > 4096 must have stream=true", object="error"),
    ),
    Refusal(
        "vLLM: xgrammar", output("json_schema"), 400,
        {"object": "error", "message": "The provided JSON schema contains features not supported by xgrammar.",
         "type": "BadRequestError", "param": None, "code": 400},
    ),
    Refusal(
        "vLLM: a template without a system role",
        lambda body: any(message["role"] == "system" for message in body["messages"]), 400,
        {"object": "error", "message": "Conversation roles must alternate user/assistant/user/assistant/...",
         "type": "BadRequestError", "code": 400},
    ),
    Refusal(
        "Databricks: an unknown field", sends("prompt_cache_key"), 400,
        {"error_code": "BAD_REQUEST", "message": 'Bad request: json: unknown field "prompt_cache_key"\n'},
    ),
    Refusal(
        "NIM: a problem document around a Python list", sends("prompt_cache_key"), 422,
        {"type": "urn:inference-service:problem-details:bad-request", "title": "Bad Request", "status": 400,
         "detail": "[{'type': 'extra_forbidden', 'loc': ('body', 'prompt_cache_key'), 'msg': 'Extra inputs'}]"},
    ),
    Refusal(
        "Azure: an older api-version", output("json_schema"), 400,
        error("response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later",
              code="BadRequest"),
    ),
    Refusal(
        "OpenAI: a keyword of the schema", lambda body: "minimum" in json.dumps(body.get("response_format", "")) or
        body.get("response_format", {}).get("type") == "json_schema", 400,
        error("Invalid schema for response_format 'feedback': In context=('properties', 'quotes'), 'maxItems' is not "
              "permitted.", param="response_format"),
    ),
    Refusal(
        "OpenAI: thinking used up the limit", lambda body: 0 < body.get("max_tokens", 0) < 5000, 400,
        error("Could not finish the message because max_tokens or model output limit was reached. Please try again "
              "with higher max_tokens.", type="invalid_request_error"),
    ),
    Refusal(
        "Groq: the minute's tokens, 413", lambda body: body.get("max_tokens", 0) > 2000, 413,
        error("Request too large for model `llama-3.1-8b-instant` on tokens per minute (TPM): Limit 6000, Requested "
              "7134, please reduce your message size and try again.", type="tokens", code="rate_limit_exceeded"),
    ),
    Refusal(
        "LiteLLM: unsupported parameters", sends("prompt_cache_key"), 400,
        error("litellm.UnsupportedParamsError: ollama does not support parameters: ['prompt_cache_key'], for "
              "model=llama3. To drop these, set `litellm.drop_params=True`.", type="None", code="400"),
    ),
    Refusal(
        "Go gateway: a 500 that names the field", sends("response_format"), 500,
        {"error": "json: cannot unmarshal object into Go struct field ChatRequest.response_format of type string"},
    ),
    Refusal(
        "Volcengine: with an id of the request", output("json_schema"), 400,
        error("The parameter `response_format.type` specified in the request are not valid: `json_schema` is not "
              "supported by this model. Request id: 02174", code="InvalidParameter", param="response_format.type"),
    ),
    Refusal(
        "Ollama: a grammar that cannot be made", output("json_schema"), 500,
        error("failed to load model vocabulary required for format", type="api_error"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS, ids=[case.name for case in REFUSALS])
async def test_what_a_server_does_not_take_is_left_out(stub: Stub, case: Refusal) -> None:
    run = await run_against(stub, lambda call: says(case.status, case.body) if case.when(call.body) else None)
    assert run.complete, (run.fatal, {failure.reason for failure in run.failures.values()})
    assert not run.unclassified
    refused = sum(case.when(call.body) for call in stub.calls)
    assert refused <= 8, "a form that was refused is not sent for ever"


PASSES = [
    ("llama.cpp: loading", 503, error("Loading model", type="unavailable_error", code=503)),
    ("Azure: the tier's rate limit", 429, error(
        "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-06-01 have exceeded "
        "token rate limit of your current OpenAI S0 pricing tier. Please retry after 1 second. Please go here: "
        "https://aka.ms/oai/quotaincrease if you would like to further increase the rate limit.", code="429")),
    ("Bedrock: throttling", 429, {"__type": "ThrottlingException",
                                  "message": "Too many tokens, please wait before trying again."}),
    ("Bedrock behind a gateway: throttling as 400", 400, {
        "__type": "ThrottlingException", "message": "Too many requests, please wait before trying again."}),
    ("Cloudflare: 524", 524, "<html><head><title>api.x | 524: A timeout occurred</title></head></html>"),
    ("Envoy: no healthy upstream", 503, "no healthy upstream"),
    ("Workers AI: capacity", 429, {"success": False, "result": {}, "errors": [
        {"message": "AiError: 3040: Capacity temporarily exceeded, please try again.", "code": 3040}]}),
    ("OpenRouter: an error in the choice", 200, {"id": "gen-1", "choices": [
        {"index": 0, "finish_reason": "error", "message": {"role": "assistant", "content": ""},
         "error": {"code": 502, "message": "Upstream error from provider"}}]}),
    ("OpenRouter: a free model's minute inside 200", 200, error(
        "Rate limit exceeded: free-models-per-min.", code=429)),
    ("Vertex: exhausted", 429, [error("Resource exhausted. Please try again later.", code=429,
                                      status="RESOURCE_EXHAUSTED")]),
    ("Ollama: its queue is full", 503, error("server busy, please try again.  maximum pending requests exceeded")),
    ("LM Studio: the model crashed", 400, {"error": "The model has crashed without additional information. (Exit "
                                                    "code: 6)"}),
    ("TGI: out of memory once", 424, {"error": "Request failed during generation: CUDA out of memory",
                                      "error_type": "generation"}),
    ("Gemini: internal", 500, [error("An internal error has occurred. Please retry or report in "
                                     "https://developers.generativeai.google", code=500, status="INTERNAL")]),
    ("a stream that ends in an error", 200, 'data: {"choices": [{"delta": {"content": "{"}}]}\n\n'
                                            'data: {"error": {"message": "overloaded", "code": 529}}\n\n'),
    ("Groq: wrong JSON of a tool call", 400, error("Failed to call a function. Please adjust your prompt. See "
                                                   "'failed_generation'", code="tool_use_failed")),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body"), [row[1:] for row in PASSES], ids=[row[0] for row in PASSES])
async def test_what_passes_is_waited_for(stub: Stub, status: int, body: Any) -> None:
    run = await run_against(stub, lambda call: says(status, body) if call.number in (2, 3, 4) else None)
    assert run.complete, (run.fatal, {failure.reason for failure in run.failures.values()})
    assert not run.unclassified


ENDS = [
    ("xAI: a wrong key as 400", 400, {
        "code": "Client specified an invalid argument",
        "error": "Incorrect API key provided: sk***. You can obtain an API key from https://console.x.ai."},
     "OPENAI_API_KEY"),
    ("xAI: a team without credits", 403, {
        "code": "The caller does not have permission to execute the specified operation",
        "error": "Your newly created team doesn't have any credits yet. You can purchase those on https://console.x."},
     "no credit left"),
    ("Moonshot: suspended", 429, error("Your account org-1 is suspended, please check your plan and billing details",
                                       type="exceeded_current_quota_error"), "no credit left"),
    ("Zhipu: nothing left, in Chinese", 429, error("余额不足或无可用资源包,请充值。", code="1113"), "no credit left"),
    ("Fireworks: suspended, 412", 412, {"error": "Account x is suspended, possibly due to reaching the monthly "
                                                 "spending limit or failure to pay invoices."}, "no credit left"),
    ("Groq: decommissioned", 400, error("The model `mixtral-8x7b-32768` has been decommissioned and is no longer "
                                        "supported.", code="model_decommissioned"), "SONICLAYER_MODEL"),
    ("Gemini: not for this version", 404, [error("models/gemini-1.0-pro is not found for API version v1main, or is "
                                                 "not supported.", code=404)], "SONICLAYER_MODEL"),
    ("OpenAI: not a chat model", 404, error(
        "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use "
        "v1/completions?", param="model"), "SONICLAYER_MODEL"),
    ("OpenAI: only in v1/responses", 404, error("This model is only supported in v1/responses and not in "
                                                "v1/chat/completions.", param="model"), "SONICLAYER_MODEL"),
    ("OpenAI: no access to the model", 403, error("Project `proj_1` does not have access to model `gpt-5`",
                                                  code="model_not_found"), "SONICLAYER_MODEL"),
    ("Bedrock: an inference profile", 400, {"message": "Invocation of model ID anthropic.claude with on-demand "
                                            "throughput isn’t supported. Retry your request with the ID or ARN of an "
                                            "inference profile that contains this model."}, "inference profile"),
    ("HF router: no provider", 400, error("The requested model 'x/y' is not supported by any provider you have "
                                          "enabled.", param="model", code="model_not_supported"), "SONICLAYER_MODEL"),
    ("LiteLLM: budget", 400, error("Budget has been exceeded! Current cost: 0.0012, Max budget: 0.001",
                                   type="budget_exceeded", code="400"), "no credit left"),
    ("LiteLLM: a key that is not its own", 400, error("No connected db.", type="no_db_connection", code="400"),
     "OPENAI_API_KEY"),
    ("LiteLLM: no such group", 400, error("litellm.BadRequestError: You passed in model=x. There are no healthy "
                                          "deployments for this model.", code="400"), "SONICLAYER_MODEL"),
    ("Cloudflare: authentication", 200, {"success": False, "result": None, "errors": [
        {"code": 10000, "message": "Authentication error"}]}, "OPENAI_API_KEY"),
    ("Ollama: too large for this machine", 500, error("model requires more system memory (5.6 GiB) than is available "
                                                      "(3.1 GiB)", type="api_error"), "system memory"),
    ("Together: needs a dedicated endpoint", 400, error("Unable to access non-serverless model x/y. Please visit "
                                                        "https://api.together.ai to create and start a new dedicated "
                                                        "endpoint for the model.", code="model_not_available"),
     "SONICLAYER_MODEL"),
    ("an open file server", 200, "<html><title>Index of /</title></html>", "OPENAI_BASE_URL"),
    ("Kong: no route", 404, {"message": "no Route matched with those values"}, "OPENAI_BASE_URL"),
    ("Anthropic: its own wire", 404, {"type": "error", "error": {"type": "not_found_error", "message": "Not Found"}},
     "OPENAI_BASE_URL"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "remedy"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
async def test_what_does_not_pass_ends_the_run_and_names_the_remedy(
    stub: Stub, status: int, body: Any, remedy: str
) -> None:
    run = await run_against(stub, lambda call: says(status, body))
    assert run.state is State.BROKEN
    assert remedy in run.fatal
    assert len(stub.calls) <= MOST_CALLS_IN_VAIN


def about_the_first(call: Call) -> bool:
    heard = call.text.rpartition("The current segment")[2]
    return "You are" in call.text and "This is part 0.\n</said" in heard


MODERATED = [
    ("Azure: the prompt's filter", 400, error(
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        param="prompt", code="content_filter", innererror={"code": "ResponsibleAIPolicyViolation"})),
    ("Gemini: PROHIBITED_CONTENT as the end of an empty message", 200, {"choices": [
        {"index": 0, "finish_reason": "content_filter: PROHIBITED_CONTENT", "message": {"role": "assistant"}}]}),
    ("Gemini: SAFETY without a message", 200, {"choices": [{"index": 0, "finish_reason": "SAFETY"}]}),
    ("OpenRouter: flagged", 403, error("Your chosen model requires moderation and your input was flagged", code=403,
                                       metadata={"reasons": ["violence"], "flagged_input": "…"})),
    ("DashScope: data inspection", 400, error("Input data may contain inappropriate content.",
                                              code="data_inspection_failed")),
    ("Bedrock: guardrail", 200, {"choices": [{"index": 0, "finish_reason": "guardrail_intervened",
                                              "message": {"role": "assistant", "content": "Blocked."}}]}),
    ("Anthropic: refusal as a reason to stop", 200, {"choices": [
        {"index": 0, "finish_reason": "refusal", "message": {"role": "assistant", "content": ""}}]}),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body"), [row[1:] for row in MODERATED], ids=[row[0] for row in MODERATED])
async def test_a_moderated_segment_fails_by_itself_and_is_not_asked_again(stub: Stub, status: int, body: Any) -> None:
    run = await run_against(stub, lambda call: says(status, body) if about_the_first(call) else None)
    assert run.state is State.FINISHED
    assert run.failures.keys() == {(0, "a"), (0, "b")}
    assert {failure.kind for failure in run.failures.values()} == {"refused"}
    assert sum(map(about_the_first, stub.calls)) == 2


def whole(call: Call, content: Any, **message: Any) -> dict[str, Any]:
    reply = completion("")
    reply["choices"][0]["message"] = {"role": "assistant", "content": content, **message}
    return reply


ANSWERS: list[tuple[str, Callable[[Call, str], Any]]] = [
    ("citations after it", lambda call, said: completion(f"{said}[1][2]")),
    ("Magistral: thinking as a part", lambda call, said: whole(call, [
        {"type": "thinking", "thinking": [{"type": "text", "text": 'Is {"score": 9} right?'}]},
        {"type": "text", "text": said}])),
    ("blank lines that keep the connection open", lambda call, said: "\n\n\n" + json.dumps(completion(said))),
    ("gpt-oss: channels", lambda call, said: completion(
        "<|channel|>analysis<|message|>The user wants {\"score\"...<|end|><|start|>assistant<|channel|>final"
        f"<|message|>{said}")),
    ("a list of one", lambda call, said: completion(f"[{said}]")),
    ("Claude: a prefilled brace is missing", lambda call, said: completion(said.removeprefix("{"))),
    ("a thought in tags of its own", lambda call, said: completion(
        f"<|begin_of_thought|>{{\"score\": 1}}<|end_of_thought|><|begin_of_solution|>{said}<|end_of_solution|>")),
    ("Seed: thoughts", lambda call, said: completion(f"<seed:think>Hm, {{}}.</seed:think>{said}")),
    ("Markdown around it", lambda call, said: completion(f"**Answer:**\n\n~~~json\n{said}\n~~~\n")),
    ("tool arguments as an object", lambda call, said: whole(call, None, tool_calls=[
        {"type": "function", "function": {"name": "json", "arguments": json.loads(said)}}])),
    ("the object itself as the content", lambda call, said: whole(call, json.loads(said))),
    ("Responses: output_text parts", lambda call, said: whole(call, [{"type": "output_text", "text": said}])),
    ("in reasoning_details", lambda call, said: whole(call, "", reasoning_details=[
        {"type": "reasoning.text", "text": f"So: {said}"}])),
    ("ollama: thinking", lambda call, said: whole(call, "", thinking=f"I think {said}")),
    ("Ollama's own shape", lambda call, said: {"model": "x", "done": True,
                                               "message": {"role": "assistant", "content": said}}),
    ("Responses' own shape", lambda call, said: {"object": "response", "output": [
        {"type": "reasoning", "summary": []},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": said}]}]}),
    ("Anthropic's own shape", lambda call, said: {"type": "message", "role": "assistant", "stop_reason": "end_turn",
                                                  "content": [{"type": "text", "text": said}]}),
    ("wrapped in result by a gateway", lambda call, said: {
        "success": True, "errors": [], "result": completion(said)}),
    ("usage of null and strings", lambda call, said: {**completion(said), "usage": {
        "prompt_tokens": "900", "completion_tokens": None, "prompt_tokens_details": None}}),
    ("a choice without index, finish_reason as a number", lambda call, said: {"choices": [
        {"message": {"content": said}, "finish_reason": 0}]}),
    ("NUL and a byte order mark inside", lambda call, said: completion(f"\ufeff\x00{said}")),
    ("escaped twice", lambda call, said: completion(json.dumps(said)[1:-1])),
]  # fmt: skip


@pytest.mark.parametrize("reply", [row[1] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
async def test_an_answer_is_found_wherever_it_stands(stub: Stub, reply: Callable[[Call, str], Any]) -> None:
    def respond(call: Call) -> web.Response:
        body = reply(call, json.dumps(answer(call)))
        return says(200, body)

    run = await run_against(stub, respond)
    assert run.complete, (run.fatal, {failure.reason for failure in run.failures.values()})
    assert not run.unclassified
    assert len(stub.calls) == 9, "nothing is asked twice"


FIELDS: list[tuple[str, dict[str, Any], float | None]] = [
    ("a decimal comma", {"confidence": "0,85"}, 0.85),
    ("a percentage with a space", {"confidence": "85 %"}, 0.85),
    ("out of five", {"score": "4/5", "confidence": "4/5"}, 0.8),
    ("words", {"confidence": "very high"}, None),
    ("an object", {"score": {"value": 4}, "confidence": {"value": 0.8}}, 0.8),
    ("a number in words", {"score": "four", "confidence": ""}, None),
    ("a float", {"score": 4.0, "confidence": "~0.7"}, 0.7),
    ("lists of one", {"score": [4], "confidence": [0.6], "opinion": ["I would stay."]}, 0.6),
    ("true", {"confidence": True}, None),
    ("quotes as a text", {"quotes": "This is part"}, 0.8),
    ("quotes as objects", {"quotes": [{"text": "This is part"}]}, 0.8),
    ("quotes of null", {"quotes": None, "note": None}, 0.8),
]


@pytest.mark.parametrize(("fields", "confidence"), [row[1:] for row in FIELDS], ids=[row[0] for row in FIELDS])
async def test_fields_as_a_careful_reader_takes_them(
    stub: Stub, fields: dict[str, Any], confidence: float | None
) -> None:
    def respond(call: Call) -> web.Response | None:
        said = answer(call)
        if '"score"' not in str(call.body["messages"][0]["content"]):
            return None
        return web.json_response(completion(json.dumps(changed(said, {"score": 4, "confidence": 0.8, **fields}))))

    run = await run_against(stub, respond)
    assert run.complete, {failure.reason for failure in run.failures.values()}
    assert {feedback.score for feedback in run.results.values()} == {4}
    given = {feedback.confidence for feedback in run.results.values()}
    assert given == {confidence} or (confidence is None and len(given) == 1)


async def test_a_stream_that_nobody_asked_for_is_put_together(stub: Stub) -> None:
    run = await run_against(stub, lambda call: streamed(completion(json.dumps(answer(call)))))
    assert run.complete
    assert not run.unclassified
