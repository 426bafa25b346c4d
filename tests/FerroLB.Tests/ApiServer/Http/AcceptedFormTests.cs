using System.Linq;
using FerroLB.ApiServer.Http;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http;

public sealed class AcceptedFormTests
{
    [Theory]
    [InlineData("", ":")]
    [InlineData("*/*", ":")]
    [InlineData("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "Table:v1 :")]
    [InlineData("application/vnd.kubernetes.protobuf, application/json; as=Table; g=meta.k8s.io; v=v1beta1", "Table:v1beta1")]
    [InlineData("text/html", "")]
    public void Forms_come_in_the_order_of_the_header(string header, string expected) =>
        Assert.Equal(expected, string.Join(' ', AcceptedForm.Parse(header).Select(form => form.As + ":" + form.Version)));
}
