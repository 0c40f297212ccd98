using System.Globalization;
using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Tells where a page is among all matches (docs/protocol/README.md A7).</summary>
internal static class PageHeaders
{
    public const string Total = "X-Pagination-Total";
    public const string Next = "X-Pagination-Next";

    /// <summary>Sets the number of all matches and, if this page is not the last, the offset of the next one.</summary>
    public static void Set<T>(HttpContext http, Page<T> page, int offset) => Set(http, page.Items.Count, page.Total, offset);

    /// <inheritdoc cref="Set{T}(HttpContext, Page{T}, int)"/>
    public static void Set<T>(HttpContext http, LazyPage<T> page, int offset) => Set(http, page.Count, page.Total, offset);

    private static void Set(HttpContext http, int count, int total, int offset)
    {
        var headers = http.Response.Headers;
        headers[Total] = total.ToString(CultureInfo.InvariantCulture);
        if (offset + count < total)
        {
            headers[Next] = (offset + count).ToString(CultureInfo.InvariantCulture);
        }
    }
}
