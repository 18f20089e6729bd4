"""The workbench, layer by layer: ui over views over services over store and domain."""
