"""Turns results into report.json, report.md and one self-contained report.html.

The way of a request: `service` (gRPC) -> `validation` (the request) -> `evidence` (artifacts) ->
`assemble` (one `report.Report`) -> `render_json`, `render_markdown`, `page.render_html`.
"""
