"""Sample data (示例数据): a fictitious batch half way through, made from any plan, the same on every machine."""

from lib.services.sample.make import make_sample

__all__ = ["make_sample"]
