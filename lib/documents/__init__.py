"""Documents (文件): what the office hands over, made of the same view models as the pages."""
