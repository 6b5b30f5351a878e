"""信息公开: lists with periods, notices of rectification with objections, terms in plain words, open data."""
