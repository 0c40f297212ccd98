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
    public static void Set<T>(HttpContext http, Page<T> page, int offset)
    {
        var headers = http.Response.Headers;
        headers[Total] = page.Total.ToString(CultureInfo.InvariantCulture);
        if (offset + page.Items.Count < page.Total)
        {
            headers[Next] = (offset + page.Items.Count).ToString(CultureInfo.InvariantCulture);
        }
    }
}
