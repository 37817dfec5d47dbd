"""OpenAI's own client for Python, as it is, against a proxy.

Takes the proxy's address and a key, runs each case, and prints one line of JSON for each: its name, and what it saw or
what it failed with. What should have been seen is for the suite that starts this to say.
"""

import asyncio
import json
import sys

import openai
import pydantic

base, key = sys.argv[1:3]

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def client(path="/v1", api_key="unused", **options):
    return openai.OpenAI(base_url=base + path, api_key=api_key, max_retries=0, **options)


def say(text):
    return [{"role": "user", "content": text}]


def failure(call):
    """The error that a call ends with, as its class and what it tells."""
    try:
        call()
    except openai.APIError as error:
        status = getattr(error, "status_code", None)
        return {"class": type(error).__name__, "status": status, "code": error.code, "param": error.param, "type": error.type}
    return {"class": None}


def ask(model, **options):
    return client().chat.completions.create(model=model, messages=say("x"), **options)


@case
def whole():
    completion = client().chat.completions.create(model="echo", messages=say("Hello, you 😀"))
    choice = completion.choices[0]
    return {
        "object": completion.object,
        "model": completion.model,
        "has_request_id": completion._request_id is not None,
        "role": choice.message.role,
        "content": choice.message.content,
        "finish_reason": choice.finish_reason,
        "usage": completion.usage.model_dump(include={"prompt_tokens", "completion_tokens", "total_tokens"}),
    }


@case
def stream():
    chunks = list(
        client().chat.completions.create(
            model="echo", messages=say("Hello, you 😀"), stream=True, stream_options={"include_usage": True}
        )
    )
    return {
        "content": "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices),
        "role": chunks[0].choices[0].delta.role,
        "finish_reasons": [c.choices[0].finish_reason for c in chunks if c.choices and c.choices[0].finish_reason],
        "total_tokens": chunks[-1].usage.total_tokens,
        "without_choices": sum(1 for chunk in chunks if not chunk.choices),
    }


@case
def stream_helper():
    with client().chat.completions.stream(model="echo", messages=say("Hello, you there")) as stream:
        events = [event.type for event in stream]
        completion = stream.get_final_completion()
    return {"content": completion.choices[0].message.content, "is_done": "content.done" in events}


@case
def asynchronous_stream():
    async def run():
        async with openai.AsyncOpenAI(base_url=base + "/v1", api_key="unused", max_retries=0) as asynchronous:
            stream = await asynchronous.chat.completions.create(model="long", messages=say("x"), stream=True)
            return [chunk.choices[0].delta.content or "" async for chunk in stream]

    texts = asyncio.run(run())
    return {"chunks": len(texts), "length": len("".join(texts))}


@case
def strict():
    """The client itself takes anything; its types, asked to be strict, do not."""
    response = client().chat.completions.with_raw_response.create(model="echo", messages=say("Hi"))
    openai.types.chat.ChatCompletion.model_validate_json(response.http_response.read(), strict=True)
    chunks = client().chat.completions.with_raw_response.create(model="echo", messages=say("Hi"), stream=True)
    lines = [line[6:] for line in chunks.http_response.read().decode().splitlines() if line.startswith("data: {")]
    for line in lines:
        openai.types.chat.ChatCompletionChunk.model_validate_json(line, strict=True)
    models = client().models.with_raw_response.list()
    for model in json.loads(models.http_response.read())["data"]:
        openai.types.Model.model_validate_json(json.dumps(model), strict=True)
    return {"chunks": len(lines)}


@case
def models():
    one = client().models.retrieve("team/echo")
    return {"ids": [model.id for model in client().models.list()][:3], "one": [one.id, one.object, one.owned_by]}


@case
def tools():
    messages = say('CALLTOOL weather {"city": "Bern"}')
    first = client().chat.completions.create(model="echo", messages=messages, tools=[WEATHER]).choices[0]
    call = first.message.tool_calls[0]
    messages += [first.message, {"role": "tool", "tool_call_id": call.id, "content": "Sunny"}]
    second = client().chat.completions.create(model="echo", messages=messages, tools=[WEATHER]).choices[0]
    return {
        "finish_reasons": [first.finish_reason, second.finish_reason],
        "content": first.message.content,
        "call": [call.type, call.function.name, json.loads(call.function.arguments)],
    }


class Place(pydantic.BaseModel):
    city: str
    people: int


@case
def parallel_tools():
    messages = say("The weather?")
    first = client().chat.completions.create(model="traveller", messages=messages, tools=[WEATHER]).choices[0].message
    calls = [[call.id, json.loads(call.function.arguments)] for call in first.tool_calls]
    messages += [first] + [{"role": "tool", "tool_call_id": call.id, "content": "Sunny"} for call in first.tool_calls]
    second = client().chat.completions.create(model="traveller", messages=messages, tools=[WEATHER])
    with client().chat.completions.stream(model="traveller", messages=say("?"), tools=[WEATHER]) as stream:
        done = [json.loads(e.arguments) for e in stream if e.type == "tool_calls.function.arguments.done"]
    one = client().chat.completions.create(
        model="traveller", messages=say("?"), tools=[WEATHER], parallel_tool_calls=False
    )
    return {
        "calls": calls,
        "answer": second.choices[0].message.content,
        "streamed": done,
        "one": len(one.choices[0].message.tool_calls),
    }


@case
def structured():
    parsed = client().chat.completions.parse(model="clerk", messages=say("Where?"), response_format=Place)
    with client().chat.completions.stream(model="clerk", messages=say("Where?"), response_format=Place) as stream:
        streamed = stream.get_final_completion()
    refused = client().chat.completions.parse(model="refuser", messages=say("Where?"), response_format=Place)
    message = refused.choices[0].message
    return {
        "parsed": parsed.choices[0].message.parsed.model_dump(),
        "streamed": streamed.choices[0].message.parsed.model_dump(),
        "refusal": [message.refusal, message.parsed],
    }


@case
def images():
    url = (
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
        "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    content = [{"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": url, "detail": "low"}}]
    completion = client().chat.completions.create(model="seer", messages=[{"role": "user", "content": content}])
    return {"content": completion.choices[0].message.content}


@case
def choices_and_stops():
    completion = client().chat.completions.create(model="echo", messages=say("one two END"), n=2, stop=["END", "three"])
    older = client().completions.create(model="echo", prompt="Once upon")
    return {
        "choices": [[choice.index, choice.message.content, choice.finish_reason] for choice in completion.choices],
        "older": [older.object, older.choices[0].text],
    }


@case
def embeddings():
    vectors = client().embeddings.create(model="seer", input=["a", "abc"])
    return {"vectors": [item.embedding for item in vectors.data], "total_tokens": vectors.usage.total_tokens}


@case
def errors():
    return {
        "no key": failure(lambda: client("/locked").models.list()),
        "no model": failure(lambda: ask("eco")),
        "no path": failure(lambda: client().post("/nowhere", body={}, cast_to=object)),
        "no messages": failure(lambda: client().chat.completions.create(model="echo", messages=[])),
        "foreign page": failure(lambda: client(default_headers={"origin": "https://evil.test"}).models.list()),
        "too large": failure(lambda: client().chat.completions.create(model="echo", messages=say("x" * 1_100_000))),
        "far too large": failure(lambda: client().chat.completions.create(model="echo", messages=say("x" * 30_000_000))),
        "fails with 429": failure(lambda: ask("fails-429")),
        "fails with 503": failure(lambda: ask("fails-503")),
        "fails with 429 before a stream": failure(lambda: ask("fails-429", stream=True)),
        "fails in a stream": failure(lambda: list(ask("fails-later", stream=True))),
    }


@case
def right_key():
    models_there = client("/locked", api_key=key).models.list()
    return {"count": len(models_there.data)}


@case
def tried_again():
    for model in ("fails-503", "nobody"):
        failure(lambda: client().with_options(max_retries=1).chat.completions.create(model=model, messages=say("x")))
    return {}


@case
def stopped():
    stream = ask("endless", stream=True)
    for chunk in stream:
        if chunk.choices[0].delta.content:
            break
    stream.close()
    return {}


for name, function in CASES.items():
    try:
        line = {"case": name, "saw": function()}
    except Exception as error:  # noqa: BLE001, each case tells its own failure
        line = {"case": name, "failed": f"{type(error).__name__}: {error}"}
    print(json.dumps(line), flush=True)
