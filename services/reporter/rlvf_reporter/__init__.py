"""The reporter: a gRPC service that turns results into report.json, .md, .html and .zip.

The path of a request: `service` (gRPC) -> `validation` (the request) -> `evidence` (artifacts) ->
`assemble` (one `report.Report`) -> `render_json`, `render_markdown`, `page.render_html`.
"""
