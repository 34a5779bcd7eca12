"""HTTP to OpenAI-compatible chat servers: requests, retries by error class, adaptive concurrency.

Knows nothing of personas and prompts, and imports no LangChain.
"""
