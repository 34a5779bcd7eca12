"""Audience personas played by a chat model: LangChain's `prompt | model | parser` over `llm_client`."""
