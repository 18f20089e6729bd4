"""The HTTP side (门): who gets through, the forms at the door, headers, health, and what happens at the start."""

from starlette.middleware import Middleware

from lib.web.errors import Hosts, exception_handlers
from lib.web.feeds import routes as feeds
from lib.web.files import routes as files
from lib.web.forms import routes as forms
from lib.web.gate import Gate
from lib.web.start import health, lifespan, on_script_error

routes = [*health, *forms, *files, *feeds]
middleware = [Middleware(Hosts), Middleware(Gate)]

__all__ = ["exception_handlers", "lifespan", "middleware", "on_script_error", "routes"]
