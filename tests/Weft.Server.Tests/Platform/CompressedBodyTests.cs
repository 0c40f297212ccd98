using System.IO.Compression;
using System.Net;
using System.Text;

namespace Weft.Server.Tests.Platform;

public sealed class CompressedBodyTests(SharedServer shared) : ServerTests(shared)
{
    [Theory]
    [InlineData("gzip")]
    [InlineData("GZIP")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("identity")]
    public async Task A_compressed_body_is_decoded(string encoding) =>
        (await PostAsync(Root, Compress(encoding, Bodies.Echo()), encoding)).ShouldBeOk().Json.Texts().ShouldBe(["hi", "echo: hi"]);

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task The_limit_counts_what_is_decoded(string encoding)
    {
        await using var server = await TestServer.StartAsync(configure: options => options.RequestBodyBytesMax = 10_000);
        var large = Compress(encoding, Bodies.Echo(new string('x', 5_000_000)));
        large.Length.ShouldBeLessThan(10_000);

        (await PostAsync(server.Root, large, encoding)).ShouldBe(HttpStatusCode.RequestEntityTooLarge).Detail.ShouldNotBeEmpty();
        (await PostAsync(server.Root, Compress(encoding, Bodies.Echo(new string('x', 5_000))), encoding)).ShouldBeOk();
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task What_is_not_compressed_as_it_says_is_refused(string encoding)
    {
        (await PostAsync(Root, Encoding.UTF8.GetBytes(Bodies.Echo()), encoding))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldContain("content encoding");
        (await PostAsync(Root, Compress(encoding, Bodies.Echo())[..50], encoding)).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_body_that_is_cut_off_before_its_first_byte_is_refused() =>
        (await PostAsync(Root, [31, 139, 8, 0, 1, 2, 3], "gzip"))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldBe("body: It is not compressed as its content encoding says.");

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task No_body_is_no_compressed_body(string encoding)
    {
        using var http = new HttpClient { BaseAddress = Root.BaseAddress };
        using var content = new ByteArrayContent([]);
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var response = await http.PostAsync(new Uri("/threads", UriKind.Relative), content, TestContext.Current.CancellationToken);
        (await Answer.ReadAsync(response)).ShouldBeOk();
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip, br")]
    public async Task Another_encoding_is_not_supported(string encoding) =>
        (await PostAsync(Root, "{}"u8.ToArray(), encoding))
            .ShouldBe(HttpStatusCode.UnsupportedMediaType)
            .Detail.ShouldContain($"'{encoding}' is none of gzip, br, deflate");

    private static byte[] Compress(string encoding, string text)
    {
        var target = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "br" => new BrotliStream(target, CompressionLevel.Optimal),
            "deflate" => new ZLibStream(target, CompressionLevel.Optimal),
            "identity" => target,
            _ => new GZipStream(target, CompressionLevel.Optimal),
        })
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        return target.ToArray();
    }

    private static async Task<Answer> PostAsync(Api api, byte[] body, string encoding)
    {
        using var http = new HttpClient { BaseAddress = api.BaseAddress };
        using var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var response = await http.PostAsync(new Uri("/runs/wait", UriKind.Relative), content, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }
}
