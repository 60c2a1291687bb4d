"""Writes the OpenAPI 3.1 document of what the gateway serves, from the descriptors of the protos.

    python proto/generate.py image IMAGE
    python -m rlvf_http_gateway.openapi IMAGE > services/http-gateway/rlvf_http_gateway/openapi.json

Descriptions are the comments of the protos, so IMAGE is a descriptor set with source info. Schemas
follow protobuf's JSON mapping (protobuf.dev/programming-guides/json), errors Connect's
(connectrpc.com/docs/protocol).
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from rlvf_http_gateway.endpoints import FORWARDED, OWN, path_of, unary_methods
from rlvf_http_gateway.sandbox_fusion import METHODS

__all__ = ["document"]

_Schema = dict[str, Any]
_Mode = Literal["validation", "serialization"]

_SCHEMAS = "#/components/schemas/"
_INTEGERS = {FieldDescriptor.CPPTYPE_INT32: "int32", FieldDescriptor.CPPTYPE_UINT32: "uint32"}
# Strings in answers, because JavaScript's numbers do not hold all 64-bit integers.
_LONG_INTEGERS = {FieldDescriptor.CPPTYPE_INT64: "int64", FieldDescriptor.CPPTYPE_UINT64: "uint64"}
_FLOATS = (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT)
_WELL_KNOWN: Mapping[str, _Schema] = {
    "google.protobuf.Duration": {
        "type": "string",
        "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$",
        "description": "Seconds, as `1.5s`.",
    },
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Empty": {"type": "object"},
    "google.protobuf.Any": {
        "type": "object",
        "required": ["@type"],
        "properties": {"@type": {"type": "string"}},
        "description": "A message of the type that `@type` names, with its fields beside it.",
    },
}
_ERROR: _Schema = {
    "type": "object",
    "description": "Why there is no answer, in Connect's form.",
    "required": ["code"],
    "properties": {
        "code": {"type": "string", "description": "A status of gRPC, as `invalid_argument`."},
        "message": {"type": "string", "description": "What was wrong, where, and what to do."},
        "details": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "value"],
                "properties": {
                    "type": {"type": "string", "description": "As `google.rpc.BadRequest`."},
                    "value": {"type": "string", "contentEncoding": "base64"},
                },
            },
        },
    },
}
_HEADERS: list[_Schema] = [
    {
        "name": "Connect-Timeout-Ms",
        "in": "header",
        "description": "Time until the request ends with `deadline_exceeded`. Default: an hour.",
        "schema": {"type": "integer", "minimum": 0, "maximum": 9_999_999_999},
    },
    {
        "name": "X-Rlvf-Caller",
        "in": "header",
        "description": "Whose request it is, for fair shares where the token does not say it.",
        "schema": {"type": "string", "maxLength": 64},
    },
    {
        "name": "X-Request-Id",
        "in": "header",
        "description": "Its id in the logs of all services. Default: a random one.",
        "schema": {"type": "string", "maxLength": 64},
    },
]
_PARAMETERS = [{"$ref": f"#/components/parameters/{header['name']}"} for header in _HEADERS]


def document(image: FileDescriptorSet) -> _Schema:
    """The document, from the descriptor set of the protos with their comments."""
    comments = dict(_comments(image))
    # The descriptors of the installed packages may be of another version of Google's protos.
    pool = DescriptorPool()
    for file in image.file:
        pool.Add(file)
    schemas: _Schema = {"Error": _ERROR}
    paths: _Schema = {}
    served = [OWN, *(service for group in FORWARDED.values() for service in group)]
    services = [pool.FindServiceByName(service.full_name) for service in served]
    for method in unary_methods(*services):
        paths[path_of(method)] = {"post": _operation(method, comments)}
        for message in (method.input_type, method.output_type):
            _add(message, comments, schemas)
    paths |= _sandbox_fusion(schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "RLVF over HTTP",
            "version": "1",
            "summary": "Evaluator and executor for callers with HTTP and JSON.",
            "description": "Methods of the gRPC contracts by the Connect protocol, streams as one "
            "request, and two methods as SandboxFusion has them. Field names may also be written "
            "as in the protos, with underscores. Unknown fields are refused.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"basic": []}, {}],
        "tags": [
            *(
                {"name": service.full_name, "description": comments[service.full_name]}
                for service in services
            ),
            {
                "name": "SandboxFusion",
                "description": "Its form (github.com/bytedance/SandboxFusion).",
            },
        ],
        "paths": dict(sorted(paths.items())),
        "components": {
            "parameters": {header["name"]: header for header in _HEADERS},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The password is the token; the name is not read.",
                },
            },
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _comments(image: FileDescriptorSet) -> Iterator[tuple[str, str]]:
    """Leading comments by the full name of the element that they describe."""
    for file in image.file:
        texts = {
            tuple(location.path): " ".join(location.leading_comments.split())
            for location in file.source_code_info.location
        }

        def within(
            message: DescriptorProto, path: tuple[int, ...], scope: str
        ) -> Iterator[tuple[str, tuple[int, ...]]]:
            name = f"{scope}.{message.name}"
            yield name, path
            for number, field in enumerate(message.field):
                yield f"{name}.{field.name}", (*path, 2, number)
            for number, nested in enumerate(message.nested_type):
                yield from within(nested, (*path, 3, number), name)

        named: dict[str, tuple[int, ...]] = {}
        for number, message in enumerate(file.message_type):
            named |= within(message, (4, number), file.package)
        for number, enum in enumerate(file.enum_type):
            named[f"{file.package}.{enum.name}"] = (5, number)
            for value_number, value in enumerate(enum.value):
                named[f"{file.package}.{enum.name}.{value.name}"] = (5, number, 2, value_number)
        for number, service in enumerate(file.service):
            named[f"{file.package}.{service.name}"] = (6, number)
            for method_number, method in enumerate(service.method):
                path = (6, number, 2, method_number)
                named[f"{file.package}.{service.name}.{method.name}"] = path
        for name, place in named.items():
            yield name, texts.get(place, "")


def _operation(method: MethodDescriptor, comments: Mapping[str, str]) -> _Schema:
    service = method.containing_service.full_name
    comment = comments[method.full_name]
    return {
        "operationId": method.full_name,
        "summary": comment.partition(". ")[0].rstrip("."),
        "description": comment,
        "tags": [service],
        "parameters": _PARAMETERS,
        "requestBody": _body(f"{_SCHEMAS}{method.input_type.full_name}"),
        "responses": _responses(f"{_SCHEMAS}{method.output_type.full_name}"),
    }


def _body(schema: str) -> _Schema:
    return {"required": True, "content": {"application/json": {"schema": {"$ref": schema}}}}


def _responses(schema: str) -> _Schema:
    error = {"application/json": {"schema": {"$ref": f"{_SCHEMAS}Error"}}}
    return {
        "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": schema}}},
        },
        "default": {"description": "There is no answer.", "content": error},
    }


def _add(message: Descriptor, comments: Mapping[str, str], schemas: _Schema) -> None:
    """Add the schemas of a message and of the messages in it."""
    name = message.full_name
    if name in schemas:
        return
    if name in _WELL_KNOWN:
        schemas[name] = _WELL_KNOWN[name]
        return
    properties: _Schema = {}
    # Added before its fields, which may be of the same message.
    schemas[name] = {
        "type": "object",
        "description": comments[name],
        "additionalProperties": False,
        "properties": properties,
    }
    for field in message.fields:
        one = _field(field, comments, schemas)
        texts = [comments[f"{name}.{field.name}"]]
        if (group := field.containing_oneof) is not None and len(group.fields) > 1:
            others = ", ".join(f"`{other.json_name}`" for other in group.fields if other != field)
            texts.append(f"Not beside {others}.")
        if text := " ".join(filter(None, texts)):
            one["description"] = text
        properties[field.json_name] = one


def _field(field: FieldDescriptor, comments: Mapping[str, str], schemas: _Schema) -> _Schema:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        value = field.message_type.fields_by_name["value"]
        return {"type": "object", "additionalProperties": _value(value, comments, schemas)}
    value_schema = _value(field, comments, schemas)
    return {"type": "array", "items": value_schema} if field.is_repeated else value_schema


def _value(field: FieldDescriptor, comments: Mapping[str, str], schemas: _Schema) -> _Schema:
    """The schema of one value of a field."""
    if field.message_type is not None:
        _add(field.message_type, comments, schemas)
        return {"$ref": f"{_SCHEMAS}{field.message_type.full_name}"}
    if field.enum_type is not None:
        _add_enum(field.enum_type, comments, schemas)
        return {"$ref": f"{_SCHEMAS}{field.enum_type.full_name}"}
    kind = field.cpp_type
    if kind in _INTEGERS:
        return {"type": "integer", "format": _INTEGERS[kind]}
    if kind in _LONG_INTEGERS:
        return {"type": ["string", "integer"], "format": _LONG_INTEGERS[kind]}
    if kind in _FLOATS:
        return {"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]}
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return {"type": "boolean"}
    if field.type == FieldDescriptor.TYPE_BYTES:
        return {"type": "string", "contentEncoding": "base64"}
    return {"type": "string"}


def _add_enum(enum: EnumDescriptor, comments: Mapping[str, str], schemas: _Schema) -> None:
    values = "".join(
        f" `{one.name}`: {comments[f'{enum.full_name}.{one.name}']}" for one in enum.values
    )
    schemas[enum.full_name] = {
        "type": "string",
        "enum": [one.name for one in enum.values],
        "description": f"{comments[enum.full_name]}{values}",
    }


def _sandbox_fusion(schemas: _Schema) -> _Schema:
    """The paths of SandboxFusion's methods; adds their schemas."""
    models: list[tuple[type[BaseModel], _Mode]] = []
    for request, response in METHODS.values():
        models += [(request, "validation"), (response, "serialization")]
    names, made = models_json_schema(models, ref_template=f"{_SCHEMAS}{{model}}")
    schemas |= made["$defs"]
    return {
        f"/{name}": {
            "post": {
                "operationId": f"SandboxFusion.{name}",
                "summary": f"{name} as SandboxFusion has it",
                "tags": ["SandboxFusion"],
                "parameters": _PARAMETERS,
                "requestBody": _body(names[request, "validation"]["$ref"]),
                "responses": _responses(names[response, "serialization"]["$ref"]),
            }
        }
        for name, (request, response) in METHODS.items()
    }


def main() -> None:
    """Write the document to stdout."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    image = FileDescriptorSet.FromString(Path(sys.argv[1]).read_bytes())
    print(json.dumps(document(image), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
