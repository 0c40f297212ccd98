namespace Weft.Storage.Tests;

/// <summary>The engine's own store keeps the same promises.</summary>
public sealed class InMemoryItemStoreTests() : ItemStoreContract(new InMemoryUnderTest());
