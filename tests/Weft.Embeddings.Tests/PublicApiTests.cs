using Weft.Host.Tests;

namespace Weft.Embeddings.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_api_is_the_one_written_down() => WrittenApi.Check("Weft.Embeddings.Local");
}
