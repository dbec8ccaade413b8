"""SQL of any dialect → its tokens, comments, and an outline of the statements that change tables, views and schemas."""
